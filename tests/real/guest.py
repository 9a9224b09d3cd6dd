"""A virtual machine with a real OpenZFS and disks that can be plugged and pulled. Nothing outlives it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.real import image
from tests.real.qmp import Json, Monitor
from tests.support.appliance import free_port, wait_for

GIB = 1024**3
MEMORY = "2G"
BOOT = 300.0  # seconds
ADDRESS, PORT = "10.0.2.15", 8000  # of Calypso in the guest
KERNEL = "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet mitigations=off systemd.show_status=0"


@dataclass(frozen=True)
class Disk:
    """A disk in a bay. ``number`` from 1 gives it its names; ``size`` in bytes."""

    number: int
    size: int

    @property
    def wwn(self) -> int:
        return 0x5000C50000000000 + self.number

    @property
    def id(self) -> str:
        """Its name under /dev/disk/by-id."""
        return f"wwn-0x{self.wwn:016x}"

    @property
    def device(self) -> Json:
        """What QEMU is told to plug it in."""
        return {
            "driver": "scsi-hd",
            "id": f"bay{self.number}",
            "bus": "bays.0",
            "scsi-id": self.number,
            "drive": f"disk{self.number}",
            "serial": f"CALY{self.number:04d}",
            "wwn": self.wwn,
            "vendor": "CALYPSO",
            "product": f"DISK{self.size // GIB}G",
            "rotation_rate": 7200,
        }


DISKS = (*(Disk(number, GIB) for number in range(1, 13)), Disk(13, 2 * GIB), Disk(14, 2 * GIB))


@dataclass
class Guest:
    """A machine that runs. Disks are named by their ids."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int
    monitor: Monitor = field(init=False)
    agent: socket.socket = field(init=False)
    answers: Any = field(init=False)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def emulated(self) -> bool:
        """Whether its processors are made in software, which takes its time."""
        return not self.monitor.execute("query-kvm")["enabled"]

    def connect(self) -> None:
        """Waits until it runs commands."""
        wait_for(lambda: (self.folder / "qmp").exists() or self.process.poll() is not None, 30, "QEMU starts")
        assert self.process.poll() is None, self.console
        self.monitor = Monitor(self.folder / "qmp")
        self.agent = socket.socket(socket.AF_UNIX)
        self.agent.connect(str(self.folder / "agent"))
        self.answers = self.agent.makefile("rb")
        self.run(["udevadm", "settle"], timeout=BOOT)

    def run(self, argv: Sequence[str], *, stdin: str = "", timeout: float = 120.0) -> Json:
        """A command in the guest, as root: code (None when time was up), stdout, stderr."""
        with self.lock:
            self.asked += 1
            request = {"id": self.asked, "argv": list(argv), "stdin": stdin, "timeout": timeout}
            self.agent.settimeout(timeout + 30)
            self.agent.sendall(json.dumps(request).encode() + b"\n")
            while True:
                line = self.answers.readline()
                assert line, f"the guest has gone: {self.console}"
                if (answer := json.loads(line))["id"] == self.asked:
                    return dict(answer)

    def pull(self, disk: str) -> None:
        bay = _disk(disk).device["id"]
        self.monitor.execute("device_del", id=bay)
        self.monitor.wait_for("DEVICE_DELETED", lambda data: data.get("device") == bay)

    def plug(self, disk: str) -> None:
        self.monitor.execute("device_add", **_disk(disk).device)

    def image_of(self, disk: str) -> Path:
        """The file behind a disk."""
        return self.folder / f"disk{_disk(disk).number}"

    @property
    def console(self) -> str:
        """The last that the guest said."""
        file = self.folder / "console"
        return file.read_text(errors="replace")[-4000:] if file.exists() else ""

    def destroy(self) -> None:
        """The machine and its disks are gone."""
        self.process.kill()
        self.process.wait()
        for opened in ("agent", "monitor"):
            if hasattr(self, opened):
                getattr(self, opened).close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _disk(name: str) -> Disk:
    return next(disk for disk in DISKS if disk.id == name)


def start() -> Guest:
    """Boots one with this checkout in it, and waits until it runs commands."""
    system, environment = image.system(), image.environment()
    folder = Path(tempfile.mkdtemp(prefix="calypso-guest-"))
    try:
        image.checkout(folder / "code")
        for disk in DISKS:
            with (folder / f"disk{disk.number}").open("wb") as file:
                file.truncate(disk.size)
        port = free_port()
        argv = _argv(folder, system, environment, port)
        with (folder / "qemu.log").open("wb") as log:
            process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    guest = Guest(folder, process, port)
    try:
        guest.connect()
    except BaseException:
        guest.destroy()
        raise
    return guest


def _argv(folder: Path, system: image.System, environment: Path, port: int) -> list[str]:
    """QEMU's. Everything written to the system's disks is forgotten with the machine (snapshot=on)."""
    argv = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "qemu-system-x86_64",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
    ]
    argv += ["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", MEMORY]
    argv += ["-kernel", str(system.folder / "vmlinuz"), "-initrd", str(system.folder / "initrd"), "-append", KERNEL]
    argv += ["-serial", "file:console", "-qmp", "unix:qmp,server=on,wait=off", "-device", "virtio-rng-pci"]
    for file in (system.folder / "root.ext4", environment, folder / "code"):
        argv += ["-drive", f"file={file},format=raw,if=virtio,snapshot=on,cache=unsafe,discard=unmap"]
    argv += ["-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-{ADDRESS}:{PORT}"]
    argv += ["-device", "virtio-net-pci,netdev=net"]
    argv += ["-device", "virtio-serial-pci", "-chardev", "socket,id=agent,path=agent,server=on,wait=off"]
    argv += ["-device", "virtserialport,chardev=agent,name=calypso.agent"]
    argv += ["-device", "virtio-scsi-pci,id=bays"]
    for disk in DISKS:
        file = {"driver": "file", "filename": str(folder / f"disk{disk.number}"), "discard": "unmap"}
        node = {"driver": "raw", "node-name": f"disk{disk.number}", "file": file, "discard": "unmap"}
        argv += ["-blockdev", json.dumps(node)]
        argv += ["-device", json.dumps(disk.device)]
    return argv
