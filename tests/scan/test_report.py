"""The report says what the exports say, and one figure of coverage is told everywhere."""
import collections
import os
import zipfile

import gallra


class Report(gallra.Case):
    def report(self, *options):
        gallra.run(*options, "report", "--db", self.db, "--out", self.dir / "ut")
        return gallra.Tables((self.dir / "ut/rapport.html").read_text(encoding="utf-8"))

    def test_figures_are_those_of_the_exports(self):
        out = self.dir / "demo"
        gallra.run("demo", "--out", out)
        self.db = out / "gallra.db"
        report = self.report("--lang", "en")
        findings = [row for row in gallra.export(self.db, "findings") if row["confidence"] != "low"]
        files = {row["path"]: row for row in gallra.export(self.db, "files")}
        held = {row["path"] for row in findings}
        self.assertEqual(gallra.number(report.numbers["files_with_findings"]), len(held))
        self.assertEqual(gallra.number(report.numbers["open_to_all"]), sum(files[path]["exposure"] == "everyone" for path in held))

        names = {"Health": "health", "Personal identity number": "personnummer", "Name": "name", "E-mail": "email", "Telephone": "phone"}
        rows = {row[0]: row for row in report.sections["categories"]}
        for name, category in names.items():
            mine = [row for row in findings if row["category"] == category]
            self.assertEqual(gallra.number(rows[name][3]), len({row["path"] for row in mine}), category)
            self.assertEqual(gallra.number(rows[name][4]), sum(row["count"] for row in mine), category)

        verdicts = collections.Counter(files[path]["verdict"] for path in held)
        for path, row in files.items():  # judged are those that hold something, and only those
            self.assertEqual(row["verdict"] is None, path not in held, path)
        shown = [row for row in report.sections["review"] if len(row) == 4 and row[1].strip().isdigit() and row[2].strip().isdigit()]
        self.assertEqual(sorted(gallra.number(row[2]) for row in shown), sorted(verdicts.values()))
        exposures = collections.Counter(files[path]["exposure"] for path in held)
        self.assertEqual(sorted(n for n in (gallra.number(row[2]) for row in report.sections["access"]) if n), sorted(exposures.values()))
        years = sum(gallra.number(row[1]) for row in report.sections["age"])
        self.assertEqual(years, len(held))

        worst = max(((sum(row["risk"] for row in files.values() if row["path"].rpartition("/")[0] == folder and row["path"] in held
                          and row["risk"] >= 25), folder) for folder in {path.rpartition("/")[0] for path in held}))
        self.assertEqual((gallra.number(report.sections["folders"][0][1]), report.sections["folders"][0][0]), worst)
        top = max(files[path]["risk"] for path in held)
        self.assertEqual(gallra.number(report.sections["files"][0][1]), top)

    def test_where_nobody_is_named_the_sentences_say_so(self):
        tree = self.dir / "share"
        tree.mkdir()
        (tree / "samtal.txt").write_text("Ring 070-174 06 05 före lunch.\n", encoding="utf-8")
        (tree / "kod.txt").write_text("Koden 5567037485 gäller.\n", encoding="utf-8")
        gallra.run("scan", tree, "--db", self.db, "--progress", "none")
        findings = [row for row in gallra.export(self.db, "findings") if row["confidence"] != "low"]
        self.assertEqual({row["path"] for row in findings}, {"samtal.txt"})
        self.report()
        page = (self.dir / "ut/rapport.html").read_text(encoding="utf-8")
        self.assertIn("uppgifter om personer utan namn eller personnummer i 1 fil", page)
        for odd in ("om 0 personer", "rör 0 personer", "()"):
            self.assertNotIn(odd, page)
        self.assertIn("Bedömning:", gallra.run("why", tree / "samtal.txt", "--db", self.db).stdout.decode())
        self.assertNotIn("Bedömning:", gallra.run("why", tree / "kod.txt", "--db", self.db).stdout.decode())

    def test_coverage_is_one_figure_with_locked_damaged_and_unreadable_files(self):
        tree = self.dir / "share"
        tree.mkdir()
        for i in range(20):
            (tree / f"{i}.txt").write_text("Personnummer: 19850101-2382\n", encoding="utf-8")
        with zipfile.ZipFile(tree / "öppen.zip", "w") as archive:
            archive.writestr("a.txt", "ingen alls")
        locked = bytearray((tree / "öppen.zip").read_bytes())
        for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # mark the member as encrypted
            locked[locked.index(signature) + flags] |= 1
        (tree / "låst.zip").write_bytes(locked)
        (tree / "trasig.pdf").write_bytes(b"%PDF-1.4\n")
        (tree / "nekad.txt").write_text("hemligt", encoding="utf-8")
        (tree / "nekad.txt").chmod(0)
        who = gallra.somebody_ordinary()
        os.chmod(self.dir, 0o777)
        done = gallra.run("scan", tree, "--db", self.db, "--progress", "none", cwd=self.dir, expect=0 if who is None else 3, **(who or {}))
        status = gallra.run("status", "--db", self.db).stdout.decode()
        outcomes = collections.Counter(row["outcome"] for row in gallra.export(self.db, "outcomes"))
        reasons = {row["reason"] for row in gallra.export(self.db, "outcomes") if row["outcome"] == "not_read"}
        self.assertEqual(reasons, {"encrypted", "corrupt"} | ({"permission"} if who is not None else set()))
        read = outcomes["read"] + outcomes["read_in_part"]
        share = 1000 * read // (read + outcomes["not_read"])
        figure = f"{share // 10},{share % 10}\u202f%"
        self.assertIn(f"Täckning {figure}.", done.stderr.decode())
        self.assertIn(f"Täckning {figure};", status)
        self.assertEqual(self.report().numbers["coverage"], figure)


if __name__ == "__main__":
    gallra.main()
