"""Every odd thing a tree can hold, and a broken, an encrypted and an empty specimen of every format: each
object ends in one outcome with a reason, and the sums reconcile."""
import collections
import io
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tarfile
import unittest
import zipfile

import gallra
from test_determinism import unpack

PNR = "19850101-2382"


def odd_tree(root):
    """Returns {path below root as bytes: (outcome, reason) expected, or None for any}."""
    root.mkdir()
    base = os.fsencode(root)
    expected = {}

    def file(name, content=f"Personnummer: {PNR}\n".encode(), outcome="read", reason=""):
        path = base + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(content)
        expected[name] = (outcome, reason)
        return path

    file(b"<img src=x onerror=alert(1)>.txt")
    file(b"ogiltig \xff\xfe namn.txt")
    file(b"rad\nbrytning.txt")
    file(b"\xe2\x80\xaertxt.exe.txt")
    file(b"n" * 251 + b".txt")
    file(b"=cmd|calc.csv", f"Namn;Personnr\nAnna Andersson;{PNR}\n".encode())
    deep = base
    for _ in range(300):  # far beyond PATH_MAX
        deep += b"/djup mapp nummer"
    here = os.getcwd()
    os.chdir(base)
    for _ in range(300):
        os.mkdir(b"djup mapp nummer")
        os.chdir(b"djup mapp nummer")
    with open(b"botten.txt", "wb") as out:
        out.write(PNR.encode())
    os.chdir(here)
    expected[b"djup mapp nummer/" * 300 + b"botten.txt"] = ("read", "")
    os.symlink(base, base + b"/slinga")
    expected[b"slinga"] = ("excluded", "symlink")
    os.symlink(b"finns inte", base + b"/bruten")
    expected[b"bruten"] = ("excluded", "symlink")
    first = file(b"hard/a.txt")
    os.link(first, base + b"/hard/b.txt")
    expected[b"hard/b.txt"] = ("read", "hard_link")
    os.mkfifo(base + b"/fifo")
    expected[b"fifo"] = ("excluded", "special_file")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(root / "uttag"))
    server.close()
    expected[b"uttag"] = ("excluded", "special_file")
    sparse = base + b"/gles.bin"
    with open(sparse, "wb") as out:
        out.truncate(64 << 20)
    expected[b"gles.bin"] = None
    file(b"tom.txt", b"")
    for ending in b"pdf docx xlsx pptx odt ods odp zip 7z tar gz bz2 xz zst eml mbox pst rtf html xml json csv vcf ics epub".split():
        file(b"tomma/tom." + ending, b"")
    return expected


def specimens(root):
    """Broken and encrypted ones of the demo share's formats."""
    unpack(root / "hela")
    broken = root / "trasiga"
    broken.mkdir()
    seen = set()
    for path in sorted((root / "hela").rglob("*")):
        if path.is_file() and path.suffix not in seen and path.stat().st_size > 200:
            seen.add(path.suffix)
            data = path.read_bytes()
            (broken / ("avhuggen" + path.suffix)).write_bytes(data[: len(data) // 2])
            flipped = bytearray(data)
            for at in range(64, len(data), 97):
                flipped[at] ^= 0x55
            (broken / ("vänd" + path.suffix)).write_bytes(bytes(flipped))
    locked = root / "låsta"
    locked.mkdir()
    text = locked / "klartext.txt"
    text.write_text(PNR)
    for name, options in (("a.zip", ["-tzip"]), ("b.zip", ["-tzip", "-mem=AES256"]), ("c.7z", []), ("d.7z", ["-mhe=on"])):
        subprocess.run(["7z", "a", "-bd", "-plosen", *options, str(locked / name), str(text)], check=True, stdout=subprocess.DEVNULL)
    text.unlink()


class OddTree(gallra.Case):
    def status(self):
        return json.loads(gallra.run("status", "--db", self.db, "--json").stdout)

    def check_ledger(self, outcomes):
        status = self.status()
        self.assertTrue(status["reconciles"])
        self.assertEqual(status["seen"], status["read"] + status["read_in_part"] + status["not_read"] + status["excluded"] + status["unchanged"])
        self.assertEqual(status["seen"], len(outcomes))
        self.assertEqual(collections.Counter(row["outcome"] for row in outcomes),
                         collections.Counter({k: status[k] for k in ("read", "read_in_part", "not_read", "excluded", "unchanged") if status[k]}))

    def test_odd_names_links_and_specials(self):
        expected = odd_tree(self.dir / "träd")
        self.scan(self.dir / "träd", expect=0)
        outcomes = gallra.export(self.db, "outcomes")
        self.check_ledger(outcomes)
        got = {gallra.raw_path(row): (row["outcome"], row["reason"] or "") for row in outcomes if not row["inner"]}
        self.assertEqual(set(got), set(expected))
        for name, outcome in expected.items():
            if outcome is not None:
                self.assertEqual(got[name], outcome, name)
        with_value = {gallra.raw_path(row) for row in gallra.export(self.db, "findings") if row["detector"] == "se.personnummer"}
        self.assertLessEqual({b"<img src=x onerror=alert(1)>.txt", b"ogiltig \xff\xfe namn.txt", b"rad\nbrytning.txt", b"=cmd|calc.csv",
                              b"djup mapp nummer/" * 300 + b"botten.txt"}, with_value)
        report = self.dir / "rapport"
        gallra.run("report", "--db", self.db, "--out", report)
        html = (report / "rapport.html").read_bytes()
        self.assertNotIn(b"<img src=x", html)
        self.assertNotIn("\u202e".encode(), html)

    def test_broken_encrypted_and_empty_specimens(self):
        root = self.dir / "exemplar"
        root.mkdir()
        specimens(root)
        self.scan(root)
        outcomes = gallra.export(self.db, "outcomes")
        self.check_ledger(outcomes)
        for row in outcomes:
            if row["outcome"] in ("not_read", "read_in_part"):
                self.assertTrue(row["reason"], row)
        for name in ("a.zip", "b.zip", "c.7z", "d.7z"):
            reasons = {row["reason"] for row in outcomes if row["path"] == f"låsta/{name}"}
            self.assertIn("encrypted", reasons, name)

    def test_unreadable_files_and_folders_are_named(self):
        tree = self.dir / "träd"
        (tree / "stängd").mkdir(parents=True)
        (tree / "stängd/inne.txt").write_text(PNR)
        (tree / "öppen.txt").write_text(PNR)
        (tree / "låst.txt").write_text(PNR)
        (tree / "låst.txt").chmod(0)
        (tree / "stängd").chmod(0)
        command = [gallra.BINARY, "scan", str(tree), "--db", str(self.db), "--progress", "none"]
        if os.getuid() == 0:  # root reads everything: drop to an ordinary user
            for path in (self.dir, tree, tree / "öppen.txt", tree / "låst.txt", tree / "stängd"):
                os.chown(path, 65534, 65534)
            self.dir.chmod(0o700)
            binary = self.dir / "gallra"
            shutil.copy(gallra.BINARY, binary)
            binary.chmod(0o755)
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(binary), *command[1:]]
        done = subprocess.run(command, capture_output=True, check=False)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        got = {row["path"]: (row["outcome"], row["reason"]) for row in gallra.export(self.db, "outcomes")}
        self.assertEqual(got["låst.txt"], ("not_read", "permission"))
        self.assertEqual(got["öppen.txt"][0], "read")
        self.assertEqual(self.status()["directories"]["not_listed"], 1)
        (tree / "stängd").chmod(0o700)

    def test_archives_behind_other_bytes_and_text_in_odd_encodings(self):
        tree = self.dir / "träd"
        tree.mkdir()
        line = f"Personnummer: {PNR}\n"
        (self.dir / "a.txt").write_text(line)
        subprocess.run(["7z", "a", "-bd", str(self.dir / "a.7z"), str(self.dir / "a.txt")], check=True, stdout=subprocess.DEVNULL)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(self.dir / "a.txt", "a.txt")
        stub = b"MZ\x90\0\x03\0\0\0" + b"\x8f\0" * 9000
        for name, content in (("zip.exe", stub + packed.getvalue()), ("7z.exe", stub + (self.dir / "a.7z").read_bytes()),
                              ("bild.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\x8f\0" * 900 + packed.getvalue()),
                              ("skript.sh", b"#!/bin/sh\nunzip $0\nexit\n" + packed.getvalue()), ("skräp.zip", b"\0skr\xe4p" * 9 + packed.getvalue())):
            (tree / name).write_bytes(content)
        for name, content in (("utf32le.txt", line.encode("utf-32-le")), ("utf32be.txt", line.encode("utf-32-be")),
                              ("nollor.txt", b"rad\n\0\0\0\n" + line.encode()), ("lista.dat", b"".join(b"Anna Ek\0" + PNR.encode() + b"\0" for _ in range(9)))):
            (tree / name).write_bytes(content)
        self.scan(tree)
        outcomes = gallra.export(self.db, "outcomes")
        self.check_ledger(outcomes)
        found = {row["path"] for row in gallra.export(self.db, "findings") if row["detector"] == "se.personnummer"}
        self.assertEqual(found, {path.name for path in tree.iterdir()})

    def test_an_archive_of_documents_stored_as_they_are_is_an_archive(self):
        tree = self.dir / "träd"
        tree.mkdir()
        documents = pathlib.Path(__file__).resolve().parents[2] / "fixtures/documents"
        for packing, name in ((zipfile.ZIP_STORED, "stored"), (zipfile.ZIP_DEFLATED, "deflated")):
            with zipfile.ZipFile(tree / f"{name}.zip", "w", packing) as out:
                for document in ("utredning.docx", "lista.xlsx", "utredning.odt"):
                    out.write(documents / document, document)
                out.writestr("brev.txt", f"Personnummer: {PNR}")
        with zipfile.ZipFile(tree / "yttre.zip", "w", zipfile.ZIP_STORED) as out:
            out.write(tree / "stored.zip", "stored.zip")
        (tree / "avhuggen.zip").write_bytes((tree / "stored.zip").read_bytes()[:-200])
        self.scan(tree)
        outcomes = gallra.export(self.db, "outcomes")
        self.check_ledger(outcomes)
        formats = {"!/".join([row["path"], *row["inner"]]): row["format"] for row in outcomes}
        for archive in ("stored.zip", "deflated.zip", "yttre.zip!/stored.zip", "avhuggen.zip"):
            self.assertEqual(formats[archive], "zip")
            for document in ("utredning.docx", "lista.xlsx", "utredning.odt"):
                self.assertEqual(formats[f"{archive}!/{document}"], document[-4:].lstrip("."))
        found = {"!/".join([row["path"], *row["inner"]]) for row in gallra.export(self.db, "findings") if row["detector"] == "se.personnummer"}
        self.assertLessEqual({"stored.zip!/brev.txt", "deflated.zip!/brev.txt", "yttre.zip!/stored.zip!/brev.txt", "avhuggen.zip!/brev.txt"}, found)

    def test_filters_exclude_by_a_named_rule(self):
        tree = self.dir / "träd"
        (tree / "IT/Images").mkdir(parents=True)
        (tree / "IT/Images/a.txt").write_text(PNR)
        (tree / "b.tmp").write_text(PNR)
        (tree / "c.txt").write_text(PNR)
        (tree / ".gitignore").write_text("*\n")
        self.scan(tree, expect=0, options=("--exclude", "/IT/Images/", "--exclude", "*.tmp"))
        got = {row["path"]: (row["outcome"], row["reason"], row["detail"]) for row in gallra.export(self.db, "outcomes")}
        self.assertEqual(got["b.tmp"], ("excluded", "filter", "*.tmp"))
        self.assertEqual(got["c.txt"][0], "read")
        self.assertNotIn("IT/Images/a.txt", got)
        self.assertEqual(self.status()["directories"]["excluded"], 1)


if __name__ == "__main__":
    gallra.main()
