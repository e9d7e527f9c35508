"""Runs the shipped binary for the end-to-end tests. Standard library only."""
import base64
import collections
import fnmatch
import hashlib
import hmac
import html.parser
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("GALLRA", str(ROOT / "build/release/gallra"))
NOBODY = 65534
SANITIZED = bool(os.environ.get("GALLRA_SANITIZE"))


def run(*args, expect=0, timeout=600, **kwargs):
    """Runs gallra; checks the exit code (a number, a set, or None for any)."""
    done = subprocess.run([BINARY, *map(str, args)], capture_output=True, timeout=timeout, check=False, **kwargs)
    allowed = expect if isinstance(expect, (set, tuple)) else {expect}
    if expect is not None and done.returncode not in allowed:
        raise AssertionError(f"gallra {' '.join(map(str, args))}: exit {done.returncode}, expected {expect}\n"
                             f"{done.stdout.decode(errors='replace')[-2000:]}\n{done.stderr.decode(errors='replace')[-4000:]}")
    return done


def export(db, what, *options):
    out = run("export", "--db", db, "--what", what, "--format", "jsonl", *options).stdout
    return [json.loads(line) for line in out.splitlines()]


def raw_path(row):
    return base64.b64decode(row["path_b64"]) if "path_b64" in row else row["path"].encode()


def document(row):
    """The provenance of an export row, as a person would write it (unescaped)."""
    return "!/".join([row["path"], *row["inner"]])


def mac(key_file, domain, value):
    """HMAC-SHA-256 cut to 128 bits, as the store keeps it."""
    key = pathlib.Path(key_file).read_bytes()
    return hmac.new(key, domain.encode() + b"\x1f" + value.encode(), hashlib.sha256).hexdigest()[:32]


def matches(document_name, pattern):
    escaped = pattern.replace("[", "[[]").replace("?", "[?]")
    return fnmatch.fnmatchcase(document_name, escaped)


class Tables(html.parser.HTMLParser):
    """The report's tables by section: {"access": [[cell, ...], ...]} without headers."""

    def __init__(self, text):
        super().__init__()
        self.sections, self.numbers, self._section, self._row, self._name, self._skip = collections.defaultdict(list), {}, "", None, None, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "section":
            self._section = attrs["aria-labelledby"]
        elif tag == "tr":
            self._row = []
        elif tag == "td" and self._row is not None:
            self._row.append("")
        self._name = attrs.get("data-number") or attrs.get("data-share")

    def handle_endtag(self, tag):
        if tag == "tr" and self._row:
            self.sections[self._section].append(self._row)
        if tag == "tr":
            self._row = None

    def handle_data(self, data):
        if self._name:
            self.numbers[self._name] = data
            self._name = None
        if self._row:
            self._row[-1] += data


def number(text):
    return int(re.sub(r"\D", "", text))


def somebody_ordinary():
    """How to start the binary as one whom file modes bind; None: cannot (root, and its folder is closed to others)."""
    if os.geteuid() != 0:
        return {}
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        subprocess.run([BINARY, "--version"], capture_output=True, check=True, **nobody)
    except (OSError, subprocess.CalledProcessError):
        return None
    return nobody


class Case(unittest.TestCase):
    """Every test in a folder of its own, removed afterwards."""

    def setUp(self):
        self._temp = tempfile.TemporaryDirectory(prefix="gallra-test-")
        self.addCleanup(self._temp.cleanup)
        self.dir = pathlib.Path(self._temp.name)
        self.db = self.dir / "g.db"

    def scan(self, *paths, expect=(0, 3), options=()):
        return run("scan", *paths, "--db", self.db, "--progress", "none", *options, expect=expect)


def main():
    unittest.main(verbosity=1)
