"""Makes a folder of files whose names, member names and field names would like to be markup.

Nobody's data: an official test number and an invented name.
"""
import json
import os
import pathlib
import sys
import zipfile

TEXT = "Namn: Karin Lindqvist\nPersonnummer: 19850101-2382\nDiagnos: epilepsi\n"
NAMES = [
    b"<img src=x onerror=alert(1)>.txt", b'"><script>alert(1)<.txt', b"' onmouseover='alert(1).txt", b"javascript:alert(1).txt",
    b"&lt;b&gt;&#60;script&#62;.txt", b"rad ett\nrad tv\xc3\xa5.txt", b"omv\xe2\x80\xaetxt.exe.txt", b"ogiltig \xff\xfe.txt",
    b"--><!-- <style>*{display:none}.txt", b"{{constructor}}${7*7}.txt", "å".encode() * 120 + b".txt", b"utan_mellanslag_" * 15 + b".txt",
    b"<svg onload=alert(1)>/<iframe srcdoc=x>.txt",
]
MEMBERS = ["</title><script>alert(1)</script>.txt", "<a href=javascript:alert(1)>x</a>.txt"]


def main(out):
    os.umask(0o022)
    for name in NAMES:
        path = os.path.join(os.fsencode(out), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(TEXT)
    out = pathlib.Path(out)
    with zipfile.ZipFile(out / "<b>arkiv<b>.zip", "w") as archive:
        for name in MEMBERS:
            archive.writestr(name, TEXT)
    fields = {"<img src=x onerror=alert(1)>": "Personnummer: 19850101-2382", "\"><script>alert(1)</script>": "Karin Lindqvist har epilepsi"}
    (out / "fält.json").write_text(json.dumps(fields), encoding="utf-8")
    (out / "<img src=x> trasig.pdf").write_bytes(b"%PDF-1.4\nnothing more")
    (out / "<img src=x> avhuggen.zip").write_bytes((out / "<b>arkiv<b>.zip").read_bytes()[:200])


main(sys.argv[1])
