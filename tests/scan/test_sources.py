"""What was named for scanning and what was seen of it: several sources, missing ones, links."""
import io
import json
import os
import re
import shutil
import sqlite3
import zipfile

import gallra

LINE = "Anna Ek har personnummer 19121212-1212 och astma.\n"


class Sources(gallra.Case):
    def tree(self, name, *files):
        root = self.dir / name
        root.mkdir()
        for file in files:
            (root / file).parent.mkdir(exist_ok=True)
            (root / file).write_text(LINE + file, encoding="utf-8")
        return root

    def status(self, *options, **kwargs):
        return gallra.run(*options, "status", "--db", self.db, **kwargs).stdout.decode()

    def figures(self):
        return json.loads(gallra.run("status", "--json", "--db", self.db).stdout)

    def report(self):
        gallra.run("report", "--db", self.db, "--out", self.dir / "ut")
        return (self.dir / "ut/rapport.html").read_text(encoding="utf-8")

    def check_alike(self):
        """Status, report and export tell of the same objects."""
        rows = gallra.export(self.db, "outcomes")
        figures = self.figures()
        self.assertEqual(figures["seen"], len(rows))
        self.assertTrue(figures["reconciles"])
        html = self.report()
        self.assertEqual(gallra.number(gallra.Tables(html).numbers["objects_seen"]), len(rows))
        return figures, html

    def test_sources_swept_apart_are_told_together(self):
        a, b = self.tree("a", "1.txt", "2.txt"), self.tree("b", "3.txt", "sub/4.txt", "locked.txt")
        (b / "broken.pdf").write_bytes(b"%PDF-1.4 and no more")
        self.scan(a, expect=0)
        self.scan(b)
        figures, html = self.check_alike()
        self.assertEqual((figures["seen"], figures["read"], figures["not_read"]), (6, 5, 1))
        self.assertEqual([(source["path"], source["sweep"]) for source in figures["sources"]], [(str(a), 1), (str(b), 2)])
        text = self.status("--lang", "en")
        self.assertIn(f"Source: {a} (sweep 1, done", text)
        self.assertIn(f"Sources: {b}\n", text)
        self.assertIn("(Genomsökning 1, klar", html)
        # The first again: what it carries over counts as unchanged, the second stays as it was.
        self.scan(a, expect=0)
        figures, _ = self.check_alike()
        self.assertEqual((figures["seen"], figures["read"], figures["unchanged"], figures["not_read"]), (6, 3, 2, 1))

    def test_a_missing_source_is_told_until_it_is_left_out(self):
        there, gone = self.tree("there", "1.txt"), self.dir / "gone"
        done = self.scan(there, gone, expect=3)
        self.assertIn("G201", done.stderr.decode())
        figures, html = self.check_alike()
        self.assertEqual(figures["directories"]["not_listed"], 1)
        for text in (html, self.status()):
            self.assertIn(str(gone), text.replace("<wbr>", ""))
            self.assertNotIn("Allt som", text)
        self.scan(there, expect=0)
        _, html = self.check_alike()
        self.assertNotIn(str(gone), html.replace("<wbr>", ""))
        # Named alone it is a slip of the pen: nothing is stored.
        before = self.figures()
        self.scan(gone, expect=2)
        self.assertEqual(self.figures(), before)

    def test_a_source_that_was_there_and_comes_back_keeps_what_was_found(self):
        a, b = self.tree("a", "1.txt"), self.tree("b", "2.txt")
        self.scan(a, b, expect=0)
        found = gallra.export(self.db, "findings")
        shutil.move(b, self.dir / "away")
        self.scan(a, b, expect=3)
        figures, html = self.check_alike()
        self.assertEqual(figures["directories"]["not_listed"], 1)
        self.assertIn("Finns inte där den angavs", html)
        shutil.move(self.dir / "away", b)
        self.scan(a, b, expect=0)
        figures, _ = self.check_alike()
        self.assertEqual((figures["seen"], figures["unchanged"]), (2, 2))
        self.assertEqual(gallra.export(self.db, "findings"), found)

    def test_a_mount_point_without_its_mount_is_not_an_emptied_source(self):
        tree = self.tree("tree", "1.txt", "sub/2.txt")
        self.scan(tree, expect=0)
        found = gallra.export(self.db, "findings")
        shutil.move(tree, self.dir / "away")
        tree.mkdir()
        with sqlite3.connect(self.db) as db:  # as if the tree had stood on another device
            db.execute("UPDATE source SET device = device + 1")
        self.assertIn("troligen inte monterad", self.scan(tree, expect=3).stderr.decode())
        figures, html = self.check_alike()
        self.assertEqual(figures["directories"]["not_listed"], 1)
        self.assertIn("Finns inte där den angavs", html)
        tree.rmdir()
        shutil.move(self.dir / "away", tree)
        self.scan(tree, expect=0)
        self.assertEqual(gallra.export(self.db, "findings"), found)
        # Emptied where it stands, it is empty.
        shutil.rmtree(tree)
        tree.mkdir()
        self.scan(tree, expect=0)
        self.assertEqual(gallra.export(self.db, "findings"), [])

    def test_a_database_of_an_earlier_version_goes_on(self):
        tree = self.tree("tree", "1.txt")
        self.scan(tree, expect=0)
        with sqlite3.connect(self.db) as db:
            db.executescript("ALTER TABLE source DROP COLUMN device; PRAGMA user_version = 1")
        found = gallra.export(self.db, "findings")
        self.scan(tree, expect=0)
        self.assertEqual(gallra.export(self.db, "findings"), found)
        self.assertEqual(self.figures()["unchanged"], 1)

    def test_no_coverage_while_the_sweep_of_any_source_is_open(self):
        a, b = self.tree("a", "1.txt"), self.tree("b", "2.txt")
        self.scan(a, expect=0)
        self.scan(b, expect=0)
        with sqlite3.connect(self.db) as db:  # as a kill -9 leaves it
            db.executescript("UPDATE sweep SET state = 0, ended = 0 WHERE id = 1; DELETE FROM ledger WHERE sweep_id = 1")
        self.assertIn("Täckning ej klar", self.status())
        self.assertFalse(self.figures()["all_sweeps_done"])
        self.assertEqual(gallra.Tables(self.report()).numbers["coverage"], "ej klar")
        self.scan(a, expect=0)
        self.assertTrue(self.figures()["all_sweeps_done"])

    def test_what_was_not_read_is_not_called_harmless(self):
        tree = self.tree("tree", "1.txt")
        (tree / "broken.pdf").write_bytes(b"%PDF-1.4 and no more")
        os.mkfifo(tree / "pipe")
        self.scan(tree)
        for name, told in (("broken.pdf", "was not read, so nothing can be said"), ("pipe", "Left out")):
            text = gallra.run("why", tree / name, "--db", self.db, "--lang", "en").stdout.decode()
            self.assertIn(told, text)
            for wrong in ("No personal data found", "Verdict", "()"):
                self.assertNotIn(wrong, text)

    def test_what_can_no_longer_be_entered_is_not_known_of(self):
        a, b = self.tree("a", "1.txt", "sub/2.txt"), self.tree("b", "3.txt", "sub/4.txt")
        (a / "sub/deep").mkdir()
        (a / "sub/deep/5.txt").write_text(LINE, encoding="utf-8")
        os.link(a / "1.txt", b / "sub/same.txt")
        self.scan(a, b, expect=0)
        found = gallra.export(self.db, "findings")
        self.scan(a, b, expect=0, options=("--exclude", "sub/"))
        self.assertEqual(self.check_alike()[0]["seen"], 2)
        shutil.move(b, self.dir / "away")
        self.scan(a, b, expect=3)
        figures, html = self.check_alike()
        self.assertEqual((figures["seen"], figures["state"]), (3, "done"))
        self.assertIn("högst 60,0", html)  # two of five files are known of, and cannot be seen
        shutil.move(self.dir / "away", b)
        # What another source read of a file goes with it; here it is still found.
        (a / "1.txt").unlink()
        self.scan(a, expect=0)
        self.scan(b, expect=0)
        self.assertEqual(self.check_alike()[0]["seen"], 5)
        gone = {("1.txt", str(a))}
        rest = [row for row in found if (row["path"], row["source"]) not in gone]
        self.assertEqual(gallra.export(self.db, "findings"), rest)

    def test_files_known_in_a_folder_that_is_shut_count_as_unread(self):
        who = gallra.somebody_ordinary()
        if who is None:
            self.skipTest("no other user can run the binary")
        tree = self.tree("tree", *(f"a/{n}.txt" for n in range(20)), "b/1.txt")
        state = self.dir / "state"
        state.mkdir()
        self.db = state / "g.db"
        os.chmod(self.dir, 0o755)
        if who:
            os.chown(state, gallra.NOBODY, gallra.NOBODY)
        gallra.run("scan", tree, "--db", self.db, "--progress", "none", **who)
        os.chmod(tree / "a", 0)
        self.addCleanup(os.chmod, tree / "a", 0o700)
        done = gallra.run("scan", tree, "--db", self.db, "--progress", "none", expect=3, **who)
        self.assertIn("20 filer som är kända sedan tidigare", done.stderr.decode())
        figures = json.loads(gallra.run("status", "--json", "--db", self.db, **who).stdout)
        self.assertEqual(figures["files_hidden"], 20)
        self.assertLess(figures["coverage"], 0.05)
        os.chmod(tree / "a", 0o755)
        gallra.run("scan", tree, "--db", self.db, "--progress", "none", **who)
        self.assertEqual(json.loads(gallra.run("status", "--json", "--db", self.db, **who).stdout)["files_hidden"], 0)

    def test_what_was_read_in_part_stays_so_when_it_is_carried_over(self):
        tree = self.tree("tree", "1.txt")
        with zipfile.ZipFile(tree / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
            bomb.writestr("nollor.txt", b"0" * (64 << 20))
        for _ in range(2):
            self.scan(tree)
            self.assertIn("Växer orimligt vid uppackning (delvis läst)", self.status())
            self.check_alike()

    def test_nothing_seen_is_no_coverage(self):
        who = gallra.somebody_ordinary()
        if who is None:
            self.skipTest("no other user can run the binary")
        shut = self.tree("shut", "1.txt")
        state = self.dir / "state"
        state.mkdir()
        self.db = state / "g.db"
        os.chmod(self.dir, 0o755)
        if who:
            os.chown(state, gallra.NOBODY, gallra.NOBODY)
        os.chmod(shut, 0)
        self.addCleanup(os.chmod, shut, 0o700)
        done = gallra.run("scan", shut, "--db", self.db, "--progress", "none", expect=3, **who)
        self.assertIn(f"{shut} (Åtkomst nekad)", done.stderr.decode())
        self.assertIn("Täckning 0,0", done.stderr.decode())
        figures = json.loads(gallra.run("status", "--json", "--db", self.db, **who).stdout)
        self.assertEqual((figures["coverage"], figures["coverage_readable"]), (0, 0))
        text = gallra.run("status", "--db", self.db, **who).stdout.decode()
        self.assertIn(str(shut), text)
        self.assertNotIn("Allt som", text)
        html = self.report()
        self.assertIn("Ingenting kunde läsas", html)
        self.assertEqual(re.sub(r"\D", "", gallra.Tables(html).numbers["coverage"]), "00")

    def test_every_name_of_a_file_is_answered_for(self):
        tree = self.tree("tree", "a/first.txt", "other.txt")
        (tree / "b").mkdir()
        os.link(tree / "a/first.txt", tree / "b/second.txt")
        self.scan(tree, expect=0)
        for name in ("a/first.txt", "b/second.txt"):
            told = gallra.run("why", tree / name, "--db", self.db, "--lang", "en").stdout.decode()
            self.assertIn("personnummer", told, name)
            self.assertIn("a/first.txt", told)
            self.assertNotIn("No personal data found", told)
        gallra.run("report", "--db", self.db, "--out", self.dir / "ut")
        self.assertTrue("b/<wbr>second.txt" in (self.dir / "ut/rapport.html").read_text(encoding="utf-8"))  # to be removed as well
        self.scan(tree, expect=0)
        figures, _ = self.check_alike()
        self.assertEqual((figures["seen"], figures["unchanged"]), (3, 3))

    def test_sources_in_each_other_are_refused(self):
        tree = self.dir / "share"
        (tree / "HR").mkdir(parents=True)
        (tree / "HR" / "a.txt").write_text("Personnummer: 19850101-2382\n", encoding="utf-8")
        gallra.run("scan", tree, "--db", self.db, "--progress", "none")
        for inside in (tree / "HR", tree / "HR" / "a.txt", self.dir):
            done = gallra.run("scan", inside, "--db", self.db, "--progress", "none", expect=2)
            self.assertIn("ligger i varandra", done.stderr.decode())
        self.assertEqual(len(gallra.export(self.db, "files")), 1)
        self.assertIn("Personnummer", gallra.run("why", "HR/a.txt", "--db", self.db).stdout.decode())  # as the report prints it

    def test_sources_that_do_not_reach_each_other_go_on_together(self):
        tree = self.tree("tree", "a.txt", "HR/b.txt")
        for _ in range(2):  # the outer one leaves the inner one out
            self.scan(tree, tree / "HR", "--exclude", "/HR/", expect=0)
        self.assertEqual(sorted(row["path"] for row in gallra.export(self.db, "files")), ["a.txt", "b.txt"])

    def test_an_archive_with_something_too_deep_is_read_in_part(self):
        tree = self.dir / "share"
        tree.mkdir()
        data, name = b"Personnummer: 19850101-2382\n", "a.txt"
        for depth in range(40):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                archive.writestr(name, data)
            data, name = out.getvalue(), f"{depth}.zip"
        (tree / "djup.zip").write_bytes(data)
        gallra.run("scan", tree, "--db", self.db, "--progress", "none")
        rows = gallra.export(self.db, "outcomes")
        deep = [row for row in rows if row["outcome"] == "not_read"]
        self.assertEqual([row["reason"] for row in deep], ["too_deep"])
        around = [row for row in rows if len(row["inner"]) == len(deep[0]["inner"]) - 1]
        self.assertEqual([(row["outcome"], row["reason"]) for row in around], [("read_in_part", "too_deep")])

    def test_the_files_own_time_is_weak_evidence(self):
        tree = self.dir / "share"
        tree.mkdir()
        for name, day in (("ny.txt", 1_700_000_000), ("gammal.txt", 1_262_300_400)):  # 2023, 2009-12-31
            (tree / name).write_text("Anna Lindgren, personnummer 19950601-2385, ringde.\n", encoding="utf-8")
            os.utime(tree / name, (day, day))
        gallra.run("scan", tree, "--db", self.db, "--progress", "none", "--test-data", "count")
        dates = {row["path"]: row["dates"] for row in gallra.export(self.db, "files")}
        self.assertEqual(dates["gammal.txt"], [{"kind": "file_modified", "date": "2009-12-31", "quality": "C"}])
        minors = {row["path"]: row["confidence"] for row in gallra.export(self.db, "findings") if row["category"] == "minors"}
        self.assertEqual(minors, {"gammal.txt": "medium"})  # a child only if the file's time is right


if __name__ == "__main__":
    gallra.main()
