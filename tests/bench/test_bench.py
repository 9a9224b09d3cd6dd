"""`make bench` runs and its table is whole. What it measures is nobody's assertion: machines differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROMISED = (
    "append in raw, 1 event",
    "append in raw, 10 events",
    "Merkle's cost in append, 1 event",
    "full command (ScrubPool), in raw",
    "audited save: django-auditlog, in raw",
    "audited save: django-simple-history, in raw",
    "audited save: django-pghistory, in raw",
    "audited save: eventsourcing, in raw",
    "append → WebSocket at 100 events/s, p50",
    "append → WebSocket at 100 events/s, p99",
    "16 writers at once, p99 of an append",
    "ScanStorage, queued → running, p50",
    "rebuild: fold and COPY into shadow tables",
)


@pytest.mark.whole
def test_the_quick_run_makes_the_whole_table(tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.md"
    argv = [sys.executable, "-m", "bench", "--quick", "--output", str(written)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    rows = [line.split(" | ") for line in written.read_text().splitlines() if line.startswith("| ")]
    assert {len(row) for row in rows} == {5}
    measured = {row[0].removeprefix("| ") for row in rows}
    assert set(PROMISED) <= measured
    assert all(row[4].startswith(("yes", "**no**")) for row in rows[2:] if row[3])
