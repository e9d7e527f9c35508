"""Exit codes, messages and contracts of the command line."""
import json
import os
import sqlite3
import subprocess
import zipfile

import gallra

PNR = "19850101-2382"


class Commands(gallra.Case):
    def tree(self):
        tree = self.dir / "share"
        tree.mkdir()
        (tree / "a.txt").write_text(f"Personnummer: {PNR}\n", encoding="utf-8")
        return tree

    def test_exit_codes(self):
        tree = self.tree()
        for args, code in (
            (["scan"], 2), (["scan", tree], 2), (["scan", self.dir / "no", "--db", self.db], 2), (["nonsense"], 2),
            (["scan", tree, "--db", self.db, "--exclude", "["], 2), (["report", "--db", self.dir / "none.db", "--out", self.dir / "r"], 2),
            (["status", "--db", self.dir / "none.db"], 2), (["--help"], 0), (["scan", "--help"], 0), (["--version"], 0),
            (["export", "--db", self.dir / "none.db", "--what", "findings"], 2), (["detectors", "explain", "no.such"], 2),
            (["-c", self.dir / "none.toml", "scan"], 2), (["--lang", "de", "detectors", "list"], 2), (["detectors", "check"], 0),
        ):
            gallra.run(*args, expect=code)

    def test_one_missing_tree_of_two_is_told_and_ends_with_three(self):
        done = gallra.run("scan", self.tree(), self.dir / "borta", "--db", self.db, "--progress", "none", expect=3)
        self.assertIn("G201", done.stderr.decode())
        self.assertEqual(len(gallra.export(self.db, "outcomes")), 1)

    def test_a_tree_inside_another_is_read_once_and_told(self):
        tree = self.tree()
        inner = tree / "inre"
        inner.mkdir()
        (inner / "b.txt").write_text("x")
        done = gallra.run("scan", inner, tree, "--db", self.db, "--progress", "none")
        self.assertIn(str(inner), done.stderr.decode())
        self.assertEqual(sorted(row["path"] for row in gallra.export(self.db, "outcomes")).count("inre/b.txt"), 1)

    def test_the_findings_of_a_hard_link_follow_the_name_that_is_read(self):
        tree = self.tree()
        (tree / "a").mkdir()
        (tree / "b").mkdir()
        (tree / "a/fil.txt").write_text("Personnummer: 19810101-2386\n")
        os.link(tree / "a/fil.txt", tree / "b/fil.txt")
        places = lambda: {row["path"] for row in gallra.export(self.db, "findings") if row["path"].endswith("fil.txt")}
        self.scan(tree)
        self.assertEqual(places(), {"a/fil.txt"})
        gallra.run("scan", tree, "--exclude", "/a/", "--db", self.db, "--progress", "none")
        self.assertEqual(places(), {"b/fil.txt"})

    def test_a_foreign_or_missing_key_is_refused(self):
        tree = self.tree()
        self.scan(tree)
        os.rename(self.dir / "g.db.key", self.dir / "undan")
        self.assertIn("G301", gallra.run("scan", tree, "--db", self.db, expect=1).stderr.decode())
        other = self.dir / "other.db"
        gallra.run("scan", tree, "--db", other, "--progress", "none")
        self.assertIn("G301", gallra.run("scan", tree, "--db", self.db, "--key", f"{other}.key", expect=1).stderr.decode())
        (self.dir / "undan").chmod(0o644)
        gallra.run("scan", tree, "--db", self.db, "--key", self.dir / "undan", expect=1)

    def test_a_file_that_is_no_database_is_left_alone(self):
        (self.dir / "x.db").write_bytes(b"not a database at all, but somebody's file" * 30)
        before = (self.dir / "x.db").read_bytes()
        gallra.run("scan", self.tree(), "--db", self.dir / "x.db", expect=1)
        self.assertEqual((self.dir / "x.db").read_bytes(), before)

    def test_output_to_a_file_has_no_control_sequences(self):
        done = gallra.run("scan", self.tree(), "--db", self.db)
        self.assertNotIn(b"\r", done.stderr)
        self.assertNotIn(b"\x1b", done.stderr)

    def test_export_rows_have_the_contract_fields(self):
        self.scan(self.tree())
        row = [r for r in gallra.export(self.db, "findings") if r["detector"] == "se.personnummer"][0]
        for field in ("path", "source", "inner", "place", "detector", "category", "gdpr_class", "confidence", "signals", "masked",
                      "subject_key", "finding_key", "content_id", "test_data"):
            self.assertIn(field, row)
        self.assertEqual((row["path"], row["inner"], row["category"], row["gdpr_class"], row["confidence"]), ("a.txt", [], "personnummer", "national_id", "high"))
        self.assertNotIn("value", row)
        row = gallra.export(self.db, "outcomes")[0]
        for field in ("path", "inner", "format", "outcome", "reason", "size", "mtime", "findings", "persons", "source"):
            self.assertIn(field, row)
        row = gallra.export(self.db, "files")[0]
        for field in ("path", "owner", "exposure", "persons", "categories", "verdict", "rule", "due", "past_due"):
            self.assertIn(field, row)

    def test_reveal_asks_for_a_purpose_and_shows_what_is_unchanged(self):
        tree = self.tree()
        (tree / "b.txt").write_text("Personnummer 20000101-2384\n", encoding="utf-8")
        self.scan(tree)
        gallra.run("export", "--db", self.db, "--what", "findings", "--reveal", expect=2)
        (tree / "b.txt").write_text("något annat\n", encoding="utf-8")
        rows = gallra.export(self.db, "findings", "--reveal", "--purpose", "prov av funktionen")
        shown = {r["path"]: (r.get("value"), r.get("normalised")) for r in rows if r["detector"] == "se.personnummer"}
        self.assertEqual(shown["a.txt"], (PNR, "8501012382"))
        self.assertIsNone(shown["b.txt"][0])

    def test_compiled_patterns_are_kept_and_never_trusted_when_damaged_or_foreign(self):
        cache = self.dir / "cache"
        kept = cache / "gallra/patterns.hs"
        env = {**os.environ, "XDG_CACHE_HOME": str(cache)}

        def found():
            return gallra.run("detectors", "test", "-", input=b"Personnummer: 198501012382", env=env).stdout

        told = found()
        self.assertIn(b"se.personnummer", told)
        self.assertEqual([oct(path.stat().st_mode & 0o777) for path in (kept.parent, kept, kept.parent / "patterns.key")],
                         ["0o700", "0o600", "0o600"])
        good = kept.read_bytes()
        for bad in (good[:5000] + bytes([good[5000] ^ 1]) + good[5001:], good[:-1], b"", b"gallra patterns 1\n", good[:40] + good[60:]):
            kept.write_bytes(bad)
            self.assertEqual(found(), told)
            self.assertNotEqual(kept.read_bytes(), bad)
        (kept.parent / "patterns.key").write_bytes(bytes(32))  # as if it came from another machine
        forged = kept.read_bytes()
        self.assertEqual(found(), told)
        self.assertNotEqual(kept.read_bytes(), forged)
        kept.write_bytes(b"")
        kept.parent.chmod(0o755)  # not ours alone: left unused
        self.assertEqual(found(), told)
        self.assertEqual(kept.read_bytes(), b"")

    def test_why_says_why_in_both_languages(self):
        tree = self.tree()
        (tree / "a.txt").chmod(0o644)
        self.scan(tree)
        swedish = gallra.run("why", tree / "a.txt", "--db", self.db).stdout.decode()
        english = gallra.run("--lang", "en", "why", tree / "a.txt", "--db", self.db).stdout.decode()
        self.assertIn("kontrollsiffra", swedish)
        self.assertIn("check digit", english)
        self.assertNotIn(PNR, swedish)
        self.assertIn("får läsa", swedish)
        self.assertIn("may read", english)

    def test_why_of_a_folder_says_that_it_is_one(self):
        (self.dir / "t").mkdir()
        (self.dir / "t/a.txt").write_text("x", encoding="utf-8")
        self.scan(self.dir / "t")
        self.assertIn("är en mapp", gallra.run("why", self.dir / "t", "--db", self.db, expect=2).stderr.decode())

    def test_why_answers_for_whatever_the_export_names(self):
        tree = self.dir / "t"
        (tree / "ute").mkdir(parents=True)
        (tree / "ute/a.txt").write_text("x", encoding="utf-8")
        os.symlink("ute/a.txt", tree / "pekare")
        with zipfile.ZipFile(tree / "arkiv.zip", "w") as out:
            out.writestr("mapp/b!.txt", "anna@example.com")
        self.scan(tree, options=("--exclude", "ute/"))
        for path, said in (("pekare", "Symbolisk länk"), ("arkiv.zip!/mapp/b!.txt", "E-post"), ("ute", "Mappen"), ("ute/a.txt", "Mappen")):
            told = gallra.run("why", tree / path, "--db", self.db).stdout.decode()
            self.assertIn(said, told, path)

    def test_what_is_wrong_with_a_call_is_named(self):
        for args, words in (
            ([], ("kommando", "scan")), (["nonsense"], ("nonsense", "detectors")), (["stat"], ("Menade du status?",)),
            (["detectors"], ("explain",)), (["detectors", "lst"], ("lst", "Menade du list?")), (["--foo"], ("--foo",)),
            (["scan", "x", "--thread", "2"], ("--thread ", "--threads?")), (["status", "extra"], ("extra",)),
            (["scan", "x", "--threads", "0"], ("--threads", "0", "1", "256")), (["scan", "x", "--threads", "-1"], ("--threads", "-1", "256")),
            (["scan", "x", "--threads", "2x"], ("2x",)), (["scan", "x", "--threads"], ("--threads",)),
            (["--progress", "blah", "status"], ("blah", "auto, tty, plain, none")), (["--lang", "de", "status"], ("de", "sv, en")),
            (["export", "--what", "fynd"], ("fynd", "findings")), (["--db", "a", "--db", "b", "status"], ("--db",)),
            (["status", "--db", ""], ("--db", "tomt")), (["scan", "x", "--db", "--quiet"], ("--db", "--quiet")),
            (["status", "--json=no"], ("--json",)), (["report", "--db", "x"], ("--out",)), (["scan", "x", "--exclude", "["], ("--exclude", "[")),
            (["--lang", "en", "scann"], ("There is no command scann", "Did you mean scan?")), ([b"\xff\x1b[2J"], ("\\u001B[2J",)),
        ):
            done = subprocess.run([gallra.BINARY, *args], capture_output=True, check=False)
            said = done.stderr.decode()
            self.assertEqual((done.returncode, done.stdout), (2, b""), args)
            for word in words:
                self.assertIn(word, said, args)
            self.assertNotIn("usage.", said, args)

    def test_help_is_in_the_readers_language_and_whole(self):
        commands = [[], ["detectors"], *([c] for c in ("init", "scan", "report", "export", "status", "why", "doctor", "demo")),
                    *(["detectors", c] for c in ("list", "check", "explain", "test"))]
        for command in commands:
            swedish = gallra.run(*command, "--help").stdout.decode()
            english = gallra.run("--lang", "en", *command, "--help").stdout.decode()
            self.assertIn("Avslutskoder:", swedish)
            self.assertIn("Exit codes:", english)
            for said in (swedish, english):
                self.assertNotIn("help.", said, command)
        by_environment = gallra.run("--help", env={**os.environ, "GALLRA_LANG": "en"}).stdout.decode()
        self.assertEqual(by_environment, gallra.run("--lang=en", "--help").stdout.decode())

    def test_settings_errors_name_file_line_and_key(self):
        config = self.dir / "gallra.toml"
        for text, line, words in (
            ("schema = 99", 1, ("schema = 1",)), ("[scann]\nthreads = 2", 1, ("scann", "Menade du scan?")),
            ("[scan]\nthreds = 2", 2, ("scan.threds", "Menade du scan.threads?")), ('["scan.threads"]', 1, ("scan.threads",)),
            ('[scan]\nsources = "/x"', 2, ("scan.sources", "lista")), ("[scan]\nsources = [1]", 2, ("scan.sources",)),
            ("[scan]\nsources = ['']", 2, ("scan.sources",)), ("[scan]\nthreads = 0", 2, ("scan.threads", "256")),
            ("[scan]\nthreads = '2'", 2, ("scan.threads",)), ("scan = 3", 1, ("[scan]",)), ("[[scan]]\nthreads = 2", 1, ("[scan]",)),
            ("[scan]\nexclude = ['[']", 2, ("scan.exclude",)), ("[scan]\nmax_depth = 0", 2, ("scan.max_depth", "64")),
            ("[sweep]\nmin_coverage = nan", 2, ("sweep.min_coverage",)), ("[sweep]\nmin_coverage = 101", 2, ("sweep.min_coverage",)),
            ("[detect]\ntest_data = 'x'", 2, ("detect.test_data", "label")), ("[report]\nlang = 'de'", 2, ("report.lang", "sv")),
            ("[report]\nmask_filenames = 'yes'", 2, ("report.mask_filenames", "true")), ("[storage]\ndb = 3", 2, ("storage.db",)),
            ("a = ", 1, ("TOML",)), ("[report]\nlang = 'en'\n[scan]\nthreads = 0", 4, ("scan.threads", "whole number")),
        ):
            config.write_text(text, encoding="utf-8")
            said = gallra.run("-c", config, "status", "--db", self.db, expect=2).stderr.decode()
            self.assertIn(f"{config}:{line}: ", said)
            for word in words:
                self.assertIn(word, said, text)
        config.write_text("[scan]\nthreads = 0\nfoo = 1\n", encoding="utf-8")
        self.assertEqual(len(gallra.run("-c", config, "status", expect=2).stderr.splitlines()), 2)
        config.write_text("x" * 2_000_000, encoding="utf-8")
        gallra.run("-c", config, "status", expect=2)
        for variable, value in (("GALLRA_LANG", "de"), ("GALLRA_CONFIG", str(self.dir))):
            self.assertIn(value, gallra.run("status", "--db", self.db, expect=2, env={**os.environ, variable: value}).stderr.decode())

    def test_policy_errors_stand_on_lines_of_their_own_in_the_readers_language(self):
        self.scan(self.tree())
        policy = self.dir / "policy.toml"
        policy.write_text("schema = 1\n[rule.A]\norigin = 'law'\nkinds = ['x']\ndelete_by = '5 år'\ndelet = 1\n", encoding="utf-8")
        said = {lang: gallra.run("--lang", lang, "report", "--db", self.db, "--out", self.dir / "r", "--policy", policy, expect=2).stderr.decode()
                for lang in ("sv", "en")}
        for lang, words in (("sv", "kan inte tolkas"), ("en", "cannot be understood")):
            self.assertIn(words, said[lang])
            self.assertEqual(len(said[lang].splitlines()), 2)
            for line in (":5:", ":6:"):
                self.assertIn(line, said[lang])

    def test_no_message_speaks_the_systems_english(self):
        tree = self.tree()
        locked, ready = self.dir / "locked.key", self.dir / "ready.db"
        locked.mkdir()
        (self.dir / "open").mkdir(mode=0o755)
        gallra.run("scan", tree, "--db", ready, "--progress", "none")
        for args in (["init", "--dir", "/proc/x", "--yes"], ["demo", "--out", "/proc/x"], ["detectors", "test", "/no/such"],
                     ["scan", tree, "--db", "/no/such/g.db"], ["scan", tree, "--db", self.db, "--key", locked], ["-c", self.dir, "status"],
                     ["report", "--db", ready, "--out", "/proc/x"], ["report", "--db", ready, "--out", tree / "a.txt"], ["report", "--db", ready, "--out", self.dir / "open"]):
            said = gallra.run(*args, expect={1, 2}).stderr.decode()
            for english in ("No such file", "directory", "denied", "cannot", "others"):
                self.assertNotIn(english, said)

    def test_nothing_that_is_not_ours_is_called_a_database_without_key(self):
        tree = self.tree()
        (self.dir / "text").write_text("någon annans fil\n" * 50, encoding="utf-8")
        sqlite3.connect(self.dir / "sqlite").executescript("create table x(a)").close()
        os.mkfifo(self.dir / "fifo")
        for name in ("text", "sqlite", "fifo", "share"):
            for args in (["scan", tree], ["status"], ["why", tree / "a.txt"], ["export"], ["report", "--out", self.dir / "r"]):
                said = gallra.run(*args, "--db", self.dir / name, expect=1, timeout=60).stderr.decode()
                self.assertIn("inte en Gallra-databas", said)
        self.assertIn("inte en Gallra-databas", gallra.run("doctor", "--db", self.dir / "text", expect=10).stdout.decode())
        self.db.touch()  # as mktemp does
        self.scan(tree, expect=0)

    def test_a_pipe_holds_nobody_up(self):
        tree = self.tree()
        fifo = self.dir / "fifo"
        os.mkfifo(fifo)
        self.scan(tree)
        for args in (["-c", fifo, "status"], ["scan", tree, "--db", self.db, "--key", fifo], ["detectors", "test", fifo],
                     ["detectors", "list", "--word-list", fifo], ["report", "--db", self.db, "--out", self.dir / "r", "--policy", fifo]):
            gallra.run(*args, expect={0, 1, 2}, timeout=60)

    def shell(self, command):
        return subprocess.run(["bash", "-c", f"set -o pipefail; G='{gallra.BINARY}'; cd '{self.dir}'; {command}"], capture_output=True, check=False, timeout=300)

    def test_streams_that_cannot_be_written(self):
        self.scan(self.tree())
        prints = ("status --db g.db", "why share/a.txt --db g.db", "doctor", "detectors list", "detectors explain email", "export --db g.db",
                  "report --db g.db --out r", "--help", "--version")
        for command in prints:
            for closed in (">/dev/full", ">&-"):
                done = self.shell(f'"$G" {command} {closed}')
                self.assertEqual(done.returncode, 1, command + closed)
                self.assertIn("skrivas ut", done.stderr.decode(), command + closed)
            self.assertEqual(self.shell(f'"$G" {command} >/dev/full 2>/dev/full').returncode, 1, command)
            done = self.shell(f'"$G" {command} | true')
            self.assertEqual((done.returncode, done.stderr), (0, b""), command)
        for command, code in (("scan share --db g.db --progress tty", 0), ("scan share --db g.db --progress plain", 0), ("nonsense", 2), ("status --db no.db", 2),
                              ("export --db g.db", 0), ("export --db g.db --reveal --purpose prov", 0)):
            for closed in ("2>/dev/full", "2>&-"):
                self.assertEqual(self.shell(f'"$G" {command} {closed}').returncode, code, command + closed)
        self.assertEqual(self.shell('"$G" detectors test - <&-').returncode, 2)

    def test_a_limit_on_file_sizes_is_told(self):
        if os.environ.get("GALLRA_SANITIZE") == "thread":
            self.skipTest("the sanitizer's own runtime writes a file before the program begins")
        self.scan(self.tree())
        for command in ("scan share --db small.db --progress none", "init --dir etc --yes", "report --db g.db --out r", "status --db g.db >out"):
            done = self.shell(f'ulimit -f 0; "$G" {command} 2>&1 | cat')
            self.assertEqual(done.returncode, 1, command)
        self.assertFalse((self.dir / "etc/gallra.toml").exists())

    def test_closed_standard_streams_are_not_taken_for_the_database(self):
        self.tree()
        self.assertEqual(self.shell('"$G" scan share --db new.db <&- >&- 2>&-').returncode, 0)
        self.assertEqual((self.dir / "new.db").read_bytes()[:15], b"SQLite format 3")
        self.assertEqual((self.dir / "new.db.key").stat().st_size, 32)
        gallra.run("status", "--db", self.dir / "new.db")

    def test_a_closed_terminal_saves_as_a_termination_does(self):
        tree = self.tree()
        for i in range(3000):
            (tree / f"{i}.txt").write_text(f"Personnummer: {PNR}\n" * 50, encoding="utf-8")
        for before, codes in (("", {143, 0}), ("trap '' HUP;", {0})):
            done = self.shell(f'rm -f g.db*; {before} "$G" scan share --db g.db --progress none & p=$!; '
                              'while [ ! -e g.db ] && kill -0 $p; do sleep 0.02; done; sleep 0.3; kill -HUP $p; wait $p')
            self.assertIn(done.returncode, codes, before)
            gallra.run("scan", tree, "--db", self.db, "--progress", "none")
            self.assertEqual(len(gallra.export(self.db, "outcomes")), 3001)

    def test_names_that_are_no_text_or_look_like_options(self):
        folder = os.fsencode(self.dir)
        for name in (b"b\xe5d\xff", b"-dash", b"new\nline", b"esc\x1b[2J"):
            place = folder + b"/" + name
            os.mkdir(place)
            with open(place + b"/a.txt", "w", encoding="utf-8") as file:
                file.write(f"Personnummer: {PNR}\n")
            call = lambda *args: subprocess.run([gallra.BINARY, *args], capture_output=True, check=False, cwd=folder)
            db = b"./" + name + b".db"
            done = call("scan", "--db", db, "--progress", "none", "--", name)
            self.assertEqual(done.returncode, 0, done.stderr)
            for args in (["status", "--db", db], ["why", "--db", db, "--", name + b"/a.txt"], ["report", "--db", db, "--out", b"./" + name + b".r"]):
                done = call(*args)
                self.assertEqual(done.returncode, 0, done.stderr)
                for bad in (b"\xff", b"\x1b"):
                    self.assertNotIn(bad, done.stdout + done.stderr)
        self.assertEqual(call("init", "--dir", b"etc", "--source", b"b\xe5d\xff", "--yes").returncode, 2)

    def test_init_writes_a_configuration_that_scans(self):
        tree = self.tree()
        made = self.dir / "etc"
        gallra.run("init", "--dir", made, "--org", 'Exempel "Omsorg" AB', "--source", tree, "--yes")
        gallra.run("init", "--dir", made, "--yes", expect=2)
        gallra.run("-c", made / "gallra.toml", "doctor")
        gallra.run("-c", made / "gallra.toml", "scan", "--progress", "none")
        self.assertEqual(len(gallra.export(made / "gallra.db", "outcomes")), 1)
        with open(made / "gallra.toml", "a", encoding="utf-8") as config:
            config.write("\n[scann]\nthreads = 2\n")
        self.assertIn("scann", gallra.run("-c", made / "gallra.toml", "scan", expect=2).stderr.decode())

    def test_what_init_writes_is_in_the_readers_language(self):
        for lang, word in (("sv", "Gallringsregler"), ("en", "Retention rules")):
            made = self.dir / lang
            gallra.run("--lang", lang, "init", "--dir", made, "--public", "--yes")
            self.assertIn(f'lang = "{lang}"', (made / "gallra.toml").read_text(encoding="utf-8"))
            policy = (made / "policy.toml").read_text(encoding="utf-8")
            self.assertTrue(policy.startswith(f"# {word}"))
            self.assertIn('type = "public"', policy)
            gallra.run("-c", made / "gallra.toml", "doctor")


if __name__ == "__main__":
    gallra.main()
