"""The demo: what was planted comes out, where it was planted; report and export agree; ages and formats."""
import collections
import re

import gallra


class Demo(gallra.Case):
    def setUp(self):
        super().setUp()
        self.out = self.dir / "demo"
        gallra.run("demo", "--out", self.out)
        self.db = self.out / "gallra.db"
        self.findings = gallra.export(self.db, "findings")
        self.outcomes = gallra.export(self.db, "outcomes")

    def test_every_planted_value_comes_out_in_its_document(self):
        domains = {"se.personnummer": "personnummer", "email": "email", "se.phone": "phone"}
        found = collections.defaultdict(set)  # subject key -> documents
        for row in self.findings:
            found[row["subject_key"]].add(gallra.document(row))
        planted = missing = 0
        for line in (gallra.ROOT / "tests/scan/demo_truth.tsv").read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            where, detector, value = line.split("\t")
            planted += 1
            key = gallra.mac(self.out / "gallra.db.key", "subject:" + domains[detector], value)
            if not any(gallra.matches(name, where) for name in found[key]):
                missing += 1
                print("missing:", where, detector)
        self.assertGreater(planted, 1500)
        self.assertEqual(missing, 0)

    def test_four_hundred_files_of_twenty_formats(self):
        files = [row for row in self.outcomes if not row["inner"]]
        self.assertGreaterEqual(len(files), 400)
        self.assertGreaterEqual(len({row["format"] for row in self.outcomes if row["outcome"] == "read"}), 20)

    def test_what_cannot_be_read_is_named_with_its_reason(self):
        expected = {"Trasigt/avhugget.pdf": "corrupt", "Trasigt/avhugget.docx": "corrupt", "Trasigt/avhugget.zip": "corrupt",
                    "Trasigt/avhugget.7z": "corrupt", "Arkiv/Låst/hemligt.7z": "encrypted"}
        by_path = {row["path"]: row for row in self.outcomes if not row["inner"]}
        for path, reason in expected.items():
            self.assertEqual(by_path[path]["reason"], reason, path)
            self.assertIn(by_path[path]["outcome"], ("not_read", "read_in_part"), path)
        locked = [row for row in self.outcomes if row["path"] == "Arkiv/Låst/hemligt.zip" and row["inner"]]
        self.assertEqual([row["reason"] for row in locked], ["encrypted"])

    def test_quiet_documents_are_quiet(self):
        loud = [(row["path"], row["detector"], row["masked"]) for row in self.findings
                if row["path"].startswith(("Policy/", "IT/")) and row["confidence"] != "low"]
        self.assertEqual(loud, [])

    def test_the_report_counts_what_the_export_counts(self):
        html = (self.out / "rapport.html").read_text(encoding="utf-8")
        numbers = dict(re.findall(r'data-number="([a-z_]+)">([^<]*)<', html))
        digits = {name: int(re.sub(r"\D", "", value)) for name, value in numbers.items() if re.search(r"\d", value)}
        self.assertEqual(digits["objects_seen"], len(self.outcomes))
        self.assertEqual(digits["files_with_findings"], len({row["path"] for row in self.findings if row["confidence"] != "low"}))
        self.assertEqual(digits["objects_not_read"], sum(row["outcome"] == "not_read" for row in self.outcomes))
        persons = {row["subject_key"] for row in self.findings if row["category"] == "personnummer" and row["confidence"] != "low"}
        self.assertGreaterEqual(digits["persons"], len(persons))


if __name__ == "__main__":
    gallra.main()
