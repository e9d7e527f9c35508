"""Runs the shipped binary for the end-to-end tests. Standard library only."""
import base64
import fnmatch
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("GALLRA", str(ROOT / "build/release/gallra"))
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
