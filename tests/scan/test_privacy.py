"""Nothing found is ever in clear: every byte that Gallra wrote is decoded in every way a thief would."""
import base64
import gzip
import hashlib
import re
import sqlite3
import zipfile
import zlib

import gallra

PEOPLE = [("Birgitta", "Lindqvist", "19850101-2382", "birgitta.lindqvist@exempel.se", "070-174 06 11"),
          ("Örjan", "Håkansson", "20000101-2384", "orjan.hakansson@example.org", "070-174 06 12")]


def needles():
    """Every form in which a planted value could stand somewhere, lower case."""
    out = set()
    for given, family, number, mail, phone in PEOPLE:
        digits = number.replace("-", "")
        compact = phone.replace("-", "").replace(" ", "")
        for value in (number, digits, digits[2:], digits[2:8] + "-" + digits[8:], mail, mail.split("@")[0], phone, compact, "+46" + compact[1:],
                      f"{given} {family}", f"{family}, {given}", family):
            out.add(value.lower())
    return out


def forms(value):
    raw = value.encode()
    yield raw
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    yield value.encode("latin-1", "ignore")
    yield base64.b64encode(raw)[:-4] or raw
    if value.isdigit() and len(value) >= 10:
        for size in (6, 8):
            yield int(value).to_bytes(size, "big")
            yield int(value).to_bytes(size, "little")
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, raw)
        yield digest.digest()
        yield digest.hexdigest().encode()


def layers(data, depth=0):
    """The bytes, and what comes out of every base64 run and compressed stream in them."""
    yield data
    if depth > 3:
        return
    for run in re.findall(rb"[A-Za-z0-9+/_-]{40,}={0,2}", data):
        try:
            yield from layers(base64.b64decode(run + b"=" * (-len(run) % 4), altchars=b"-_" if b"-" in run or b"_" in run else None), depth + 1)
        except ValueError:
            pass
    for start in [m.start() for m in re.finditer(rb"\x1f\x8b\x08", data)][:200]:
        try:
            yield from layers(zlib.decompressobj(31).decompress(data[start:]), depth + 1)
        except zlib.error:
            pass
    for start in [m.start() for m in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data)][:200]:
        try:
            yield from layers(zlib.decompressobj().decompress(data[start:]), depth + 1)
        except zlib.error:
            pass


class Privacy(gallra.Case):
    def test_no_planted_value_is_in_anything_that_was_written(self):
        tree = self.dir / "share"
        tree.mkdir()
        lines = [f"Namn: {g} {f}\nPersonnummer: {n}\nE-post: {m}\nTelefon: {p}\nDiagnos: epilepsi\n" for g, f, n, m, p in PEOPLE]
        (tree / "a.txt").write_text("\n".join(lines), encoding="utf-8")
        (tree / "b.txt").write_bytes("\n".join(lines).encode("utf-16"))
        (tree / "lista.csv").write_text("Namn;Personnr;E-post;Telefon\n" + "".join(f"{g} {f};{n};{m};{p}\n" for g, f, n, m, p in PEOPLE), encoding="cp1252")
        (tree / "brev.eml").write_text(f"From: {PEOPLE[0][0]} {PEOPLE[0][1]} <{PEOPLE[0][3]}>\nTo: {PEOPLE[1][3]}\nSubject: {PEOPLE[0][2]}\n\n{lines[1]}", encoding="utf-8")
        (tree / "trasig.json").write_text('{"namn": "%s %s", "pnr": "%s", "mail": "%s' % (*PEOPLE[0][:3], PEOPLE[0][3]), encoding="utf-8")
        # The document's own labels become places; only words of our list stand in them.
        (tree / "poster.json").write_text('{"%s": {"namn": "%s", "tel %s": "x %s", "%s": "x %s"}}' % (PEOPLE[1][2], PEOPLE[1][0], *[PEOPLE[0][4], PEOPLE[0][4]],
                                                                                        PEOPLE[0][3], PEOPLE[0][3]), encoding="utf-8")
        sheet = '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>' % PEOPLE[0][2]
        for name, label in (("blad.xlsx", PEOPLE[1][2]), ("klient.xlsx", f"{PEOPLE[0][0]} {PEOPLE[0][1]}"), ("namn.xlsx", "Qvirresson, Zlatka")):
            with zipfile.ZipFile(tree / name, "w") as book:
                book.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="%s" r:id="a"/></sheets></workbook>' % label)
                book.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="a" Type="urn:r/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
                book.writestr("xl/worksheets/sheet1.xml", sheet)
        scanned = self.scan(tree)
        report = self.dir / "rapport"
        written = [scanned.stdout, scanned.stderr]
        written.append(gallra.run("report", "--db", self.db, "--out", report).stderr)
        for what in ("findings", "outcomes", "files"):
            for form in ("jsonl", "csv", "sarif") if what == "findings" else ("jsonl", "csv"):
                written.append(gallra.run("export", "--db", self.db, "--what", what, "--format", form).stdout)
        for path in tree.iterdir():
            written.append(gallra.run("why", path, "--db", self.db).stdout)
        for path in [*self.dir.glob("g.db*"), *report.iterdir()]:
            if path.suffix != ".key":
                written.append(path.read_bytes())
        with sqlite3.connect(self.db) as connection:
            for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    written += [value if isinstance(value, bytes) else str(value).encode() for value in row if value is not None]
        self.assertGreater(len(gallra.export(self.db, "findings")), 15)
        searched = [layer.lower() for data in written for layer in layers(data)] + [data for data in written]
        for value in [*needles(), "Qvirresson", "Zlatka"]:
            for form in forms(value):
                if len(form) < 6:
                    continue
                for data in searched:
                    self.assertFalse(form in data, f"a value of {len(value)} characters stands in what was written")

    def test_database_and_key_are_for_the_owner_only(self):
        tree = self.dir / "share"
        tree.mkdir()
        (tree / "a.txt").write_text("x")
        self.scan(tree)
        for path in self.dir.glob("g.db*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_the_scanned_tree_is_not_changed(self):
        from test_determinism import unpack
        import os
        tree = self.dir / "share"
        unpack(tree)

        def state():
            return {p: (s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_mode) for p in tree.rglob("*") for s in [os.lstat(p)]}
        before = state()
        self.scan(tree)
        self.assertEqual(before, state())


if __name__ == "__main__":
    gallra.main()
