"""Exit codes, messages and contracts of the command line."""
import json
import os
import subprocess

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
            (["scan", tree, "--db", self.db, "--exclude", "["], {0, 2}), (["report", "--db", self.dir / "none.db", "--out", self.dir / "r"], 2),
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

    def test_why_says_why_in_both_languages(self):
        tree = self.tree()
        self.scan(tree)
        swedish = gallra.run("why", tree / "a.txt", "--db", self.db).stdout.decode()
        english = gallra.run("--lang", "en", "why", tree / "a.txt", "--db", self.db).stdout.decode()
        self.assertIn("kontrollsiffra", swedish)
        self.assertIn("check digit", english)
        self.assertNotIn(PNR, swedish)

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


if __name__ == "__main__":
    gallra.main()
