"""The same findings and outcomes, byte for byte, whatever the number of threads, and after kills."""
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time

import gallra

SHARE = gallra.ROOT / "fixtures/demo/share.tar.xz"


def unpack(where):
    where.mkdir(parents=True, exist_ok=True)
    with tarfile.open(SHARE) as tar:
        tar.extractall(where, filter="fully_trusted") if hasattr(tarfile, "fully_trusted_filter") else tar.extractall(where)


def exports(db):
    return {what: sorted(gallra.run("export", "--db", db, "--what", what, "--format", "jsonl").stdout.splitlines())
            for what in ("findings", "outcomes")}


class Determinism(gallra.Case):
    def test_one_two_and_eight_threads_say_the_same(self):
        tree = self.dir / "share"
        unpack(tree)
        os.link(tree / "Policy/rutin 0.md", tree / "Arkiv/annan länk.md")
        key = self.dir / "key"
        results = []
        for threads in (1, 2, 8):
            db = self.dir / f"t{threads}.db"
            gallra.run("scan", tree, "--db", db, "--key", key, "--threads", threads, "--progress", "none", expect=(0, 3))
            results.append(exports(db))
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
        self.assertGreater(len(results[0]["findings"]), 1500)

    def test_an_unchanged_tree_is_not_read_again(self):
        tree = self.dir / "share"
        unpack(tree)
        self.scan(tree)
        first = gallra.export(self.db, "outcomes")
        findings = exports(self.db)["findings"]
        (tree / "Policy/rutin 0.md").write_text("Ny text, 19850101-2382\n", encoding="utf-8")
        (tree / "Policy/rutin 1.md").unlink()
        self.scan(tree)
        second = gallra.export(self.db, "outcomes")
        self.assertEqual([r["path"] for r in second if r["outcome"] == "read"], ["Policy/rutin 0.md"])
        self.assertEqual(len(second), len(first) - 1)
        again = exports(self.db)["findings"]
        old = [f for f in findings if b"rutin 0.md" not in f and b"rutin 1.md" not in f]
        self.assertEqual([f for f in again if b"rutin 0.md" not in f], old)
        self.assertTrue(any(b"rutin 0.md" in f and b"se.personnummer" in f for f in again))


def handles(process, number):
    """The process has a handler for the signal; before that it has begun nothing that could be saved."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1 == 1


class Kills(gallra.Case):
    def test_ten_kills_lose_nothing(self):
        tree = self.dir / "share"
        copies = 1 if gallra.SANITIZED else 8
        for n in range(copies):
            unpack(tree / f"kopia {n}")
        key = self.dir / "key"
        gallra.run("scan", tree, "--db", self.dir / "whole.db", "--key", key, "--progress", "none", expect=(0, 3))
        rng = random.Random(12)
        killed = 0
        for n in range(10):
            process = subprocess.Popen([gallra.BINARY, "scan", str(tree), "--db", str(self.db), "--key", str(key), "--progress", "none"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # the moment is random on purpose: any moment must be safe
            time.sleep(rng.uniform(0.05, 0.9))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.wait()
            if self.db.exists():
                with sqlite3.connect(self.db) as connection:
                    self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        gallra.run("scan", tree, "--db", self.db, "--key", key, "--progress", "none", expect=(0, 3))
        whole, pieces = exports(self.dir / "whole.db"), exports(self.db)
        self.assertEqual(whole["findings"], pieces["findings"])
        if killed == 10:  # never finished in between: every outcome is of the same sweep
            self.assertEqual(whole["outcomes"], pieces["outcomes"])

    def test_a_stop_saves_and_the_next_run_goes_on(self):
        tree = self.dir / "share"
        for n in range(1 if gallra.SANITIZED else 6):
            unpack(tree / f"kopia {n}")
        key = self.dir / "key"
        gallra.run("scan", tree, "--db", self.dir / "whole.db", "--key", key, "--progress", "none", expect=(0, 3))
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = subprocess.Popen([gallra.BINARY, "scan", str(tree), "--db", str(self.db), "--key", str(key), "--progress", "none"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            while process.poll() is None and not (self.db.exists() and handles(process, signal.SIGUSR1)):
                time.sleep(0.01)
            process.send_signal(signal.SIGUSR1)  # how does it go?
            self.assertRegex(process.stderr.readline().decode(), " filer · |^Klart|^Fortsätter")
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertIn(process.returncode, (code, 0, 3))
        gallra.run("scan", tree, "--db", self.db, "--key", key, "--progress", "none", expect=(0, 3))
        self.assertEqual(exports(self.dir / "whole.db")["findings"], exports(self.db)["findings"])


if __name__ == "__main__":
    gallra.main()
