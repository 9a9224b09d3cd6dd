"""A lab that looks like the machine of the recordings: 1 GiB disks of the same names."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from calypso.lab import bays, disks
from calypso.lab.state import State, change, fresh, read

GIB = 1024**3
TOOLS = {"zpool": "zpool", "zfs": "zfs", "smartctl": "smart.program"} | {
    name: f"tools.{name}" for name in ("wipefs", "blkdiscard", "dd", "cmp", "lsblk", "ledctl", "sg_ses")
}
TOOLS |= {
    name: f"tools.{name}" for name in ("ip", "ethtool", "netplan", "systemctl", "journalctl", "chronyc", "chronyd")
}
TOOLS |= {"systemd-run": "tools.systemd_run", "calypso-network-rollback": "tools.network_rollback"}
START = 1795412010.0  # Mon Nov 23 05:33:30 2026


@dataclass(frozen=True)
class Said:
    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Box:
    """A lab's state file, and the stand-ins run on it in this process."""

    path: Path

    def run(self, *argv: str, stdin: bytes = b"") -> Said:
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = import_module(f"calypso.lab.{TOOLS[argv[0]]}").main(list(argv[1:]))
        finally:
            sys.stdin = before
        return Said(code, out.getvalue(), err.getvalue())

    def ok(self, *argv: str) -> str:
        said = self.run(*argv)
        assert (said.exit_code, said.stderr) == (0, ""), said
        return said.stdout

    def state(self) -> State:
        return read(self.path)

    def set_pool(self, name: str, **values: Any) -> None:
        with change(self.path) as state:
            next(pool for pool in state["pools"] if pool["name"] == name).update(values)

    def options(self, **values: Any) -> None:
        with change(self.path) as state:
            state["options"].update(values)

    def advance(self, seconds: float) -> None:
        with change(self.path) as state:
            state["options"]["now"] += seconds

    def disk(self, action: Any, name: str) -> None:
        with change(self.path) as state:
            found = disks.by_name(state, name)
            assert found is not None
            action(state, found)


def recorded_box(path: Path) -> Box:
    """The machine of the recordings before any pool was made; its clock stands still."""
    hdds = []
    for number in range(1, 11):
        disk = bays.disk(number - 1, GIB, "QEMU HARDDISK")
        disk |= {"name": "sd" + "abcdefghij"[number - 1], "phys_path": f"pci-0000:00:05.0-scsi-0:0:{number}:0"}
        hdds.append(disk)
    nvme = bays.disk(10, GIB, "QEMU NVMe Ctrl", transport="nvme")
    nvme |= {"name": "nvme0n1", "phys_path": "pci-0000:00:07.0-nvme-1", "devid": "nvme-QEMU_NVMe_Ctrl_NVME0001-part1"}
    virtio = bays.disk(11, GIB, "virtio") | {"name": "vdb", "id": "virtio-VBLK0001", "phys_path": "", "devid": ""}
    root = bays.disk(12, GIB, "virtio", fstype="ext4") | {"name": "vda", "id": "virtio-root", "mounted": True}
    with change(path) as state:
        state.update(fresh(), disks=[*hdds, nvme, virtio, root], options={"now": START})
    return Box(path)
