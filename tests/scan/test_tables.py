"""Tables in whatever form: headers and neighbours in a row speak for values that need a word."""
import csv
import io
import zipfile

import gallra

PEOPLE = [("Anna Lindgren", "1985-03-04", "5839-8257466", "ABC 123"), ("Erik Bergström", "1990-12-12", "7123 12 34504", "MLB 84A"),
          ("Karin Nyström", "1979-07-24", "6001 123 456 002", "XYZ 987"), ("Johan Eriksson", "2001-01-30", "9025 12 34500", "DEF 456"),
          ("Eva Holmberg", "1966-10-08", "8105-9,123 456 789-7", "GHJ 10K"), ("Lars Nyberg", "1958-05-17", "5839-8257466", "KLM 222")]


def markdown(rows):
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def columns(rows):
    widths = [max(map(len, column)) + 3 for column in zip(*rows)]
    return "".join("".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n" for row in rows)


def semicolons(rows):
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(rows)
    return out.getvalue()


def docx(rows):
    cells = "".join("<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) + "</w:tr>" for row in rows)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" '
                         'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
        archive.writestr("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
                         'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>')
        archive.writestr("word/document.xml", '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
                         f"<w:tbl>{cells}</w:tbl></w:body></w:document>")
    return out.getvalue()


FORMS = {"lista.md": markdown, "lista.txt": columns, "lista.csv": semicolons, "lista.docx": docx}


class Tables(gallra.Case):
    def found(self, rows):
        tree = self.dir / "share"
        tree.mkdir(exist_ok=True)
        for name, form in FORMS.items():
            data = form(rows)
            (tree / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        gallra.run("scan", tree, "--db", self.db, "--progress", "none")
        out = {name: {} for name in FORMS}
        for row in gallra.export(self.db, "findings"):
            if row["confidence"] != "low":
                kinds = out[row["path"]]
                kinds[row["category"]] = kinds.get(row["category"], 0) + row["count"]
        self.dates = {row["path"]: [date["date"] for date in row["dates"] if date["kind"] != "file_modified"] for row in gallra.export(self.db, "files")}
        return out

    def test_headers_name_what_is_in_a_column(self):
        header = ("Namn", "Född", "Kontonr", "Reg.nr")
        for name, kinds in self.found([header, *PEOPLE]).items():
            for category, count in (("name", 6), ("birth_date", 6), ("bank_account", 6), ("vehicle", 6)):
                self.assertEqual(kinds.get(category), count, (name, category))

    def test_without_a_header_the_row_speaks(self):
        for name, kinds in self.found(PEOPLE).items():
            for category, count in (("name", 6), ("birth_date", 6), ("bank_account", 6), ("vehicle", 6)):
                self.assertEqual(kinds.get(category), count, (name, category))
            self.assertEqual(self.dates[name], [], name)  # births tell nothing of when it was written

    def test_other_dates_beside_names_are_no_births(self):
        days = ("2024-01-04", "2024-01-12", "2024-02-24", "2024-03-30", "2024-04-08", "2024-04-09")
        for name, kinds in self.found([(who[0], day, "Lund") for who, day in zip(PEOPLE, days)]).items():
            self.assertNotIn("birth_date", kinds, name)
            self.assertIn("2024-04-09", self.dates[name], name)

    def test_numbers_beside_nobody_are_no_accounts(self):
        rows = [(f"Pump {n}", who[2], who[3], "Lund") for n, who in enumerate(PEOPLE)]
        for name, kinds in self.found(rows).items():
            self.assertFalse({"bank_account", "vehicle"} & kinds.keys(), (name, kinds))

    def test_a_delivery_goes_to_whoever_stands_in_the_row(self):
        rows = [("Beställare", "Leveransadress", "Postnr", "Ort")]
        rows += [(who[0], f"Storgatan {n + 2}", "254 64", "Helsingborg") for n, who in enumerate(PEOPLE[:3])]
        rows += [(f"Exempel Bygg {n} AB", f"Storgatan {n + 20}", "254 64", "Helsingborg") for n in range(3)]
        for name, kinds in self.found(rows).items():
            self.assertEqual(kinds.get("address"), 3, name)

    def test_digits_right_behind_a_name_are_a_birth_date(self):
        tree = self.dir / "share"
        tree.mkdir()
        for name, text in (("ja.txt", "Deltog: Anna Lindgren 850304, Erik Bergström (19901212).\n"), ("nej.txt", "Sundsvall, Anna Lindgren, 2024-03-04\n")):
            (tree / name).write_text(text, encoding="utf-8")
        gallra.run("scan", tree, "--db", self.db, "--progress", "none")
        found = [row["path"] for row in gallra.export(self.db, "findings") if row["category"] == "birth_date" and row["confidence"] != "low"]
        self.assertEqual(found, ["ja.txt", "ja.txt"])


if __name__ == "__main__":
    gallra.main()
