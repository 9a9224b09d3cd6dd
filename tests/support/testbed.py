"""A box of recorded devices in which disks come and go, by umockdev's testbed.

Run by Debian's own Python, which has its bindings: ``umockdev-wrapper python3 testbed.py RECORDING ARGV…``. Starts
ARGV among the recorded devices and carries out lines from standard input (``remove sdb``, ``add sdb``) until its end.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402  # the version must be said first


def main(recording: str, *argv: str) -> None:
    records = Path(recording).read_text()
    testbed = UMockdev.Testbed.new()
    testbed.add_from_string(records)
    observed = subprocess.Popen(argv)
    try:
        for line in sys.stdin:
            action, name = line.split()
            record, path = find(records, name)
            if action == "add":
                testbed.add_from_string(record)
            testbed.uevent(path, action)  # it reads what the device is, so a removed one must still be there
            if action == "remove":
                testbed.remove_device(path)
                forget(Path(testbed.get_root_dir()), name, record)
    finally:
        observed.terminate()
        observed.wait()


def forget(root: Path, name: str, record: str) -> None:
    """What the testbed leaves of a removed device, and stumbles over when it comes back."""
    links = re.findall(r"^S: (.*)$", record, re.MULTILINE)
    for left in (root / "sys/block" / name, *(root / "dev" / node for node in (name, *links))):
        left.unlink(missing_ok=True)


def find(records: str, name: str) -> tuple[str, str]:
    """A disk's own record, and its path in sysfs."""
    record = next(r for r in records.split("\n\n") if re.search(rf"^P: .*/{name}$", r, re.MULTILINE))
    return record + "\n\n", "/sys" + record.partition("\n")[0].removeprefix("P: ")


if __name__ == "__main__":
    main(*sys.argv[1:])
