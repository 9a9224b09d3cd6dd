"""What keeps datasets busy: open files, working folders, mapped files, bind mounts, loop devices, swap, volumes in use.

Read from /proc and /sys alone: a file system is never touched, for one of a suspended pool would not answer.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from apps.storage.devices.proc import Mount, mount_of, parse_mountinfo, parse_swaps
from calypso.kernel.errors import ToolGarbage

_MAPPED = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ ([0-9a-f]+):([0-9a-f]+) [0-9]+ +(/.*)")
_VOLUME = re.compile(r"/dev/(zd[0-9]+)(?:p[0-9]+)?\Z")
SHOWN = 3  # paths of one process that are told


class Held(NamedTuple):
    """``dataset`` in full; pid 0: the kernel; ``detail``: paths and what they are to the process."""

    dataset: str
    kind: str
    pid: int
    name: str
    detail: str


@dataclass(frozen=True)
class Places:
    """Where datasets are: mounts of ZFS by mountpoint and by device number, and volumes by kernel name."""

    mounts: Sequence[Mount]
    volumes: Mapping[str, str]

    @property
    def datasets(self) -> dict[str, str]:
        """Dataset by ``major:minor``."""
        return {m.number: m.source for m in self.mounts if m.fstype == "zfs"}

    def of_path(self, path: str) -> str:
        """The dataset that holds a path, "" for none of ZFS."""
        if found := _VOLUME.match(path):
            return self.volumes.get(found[1], "")
        mount = mount_of(path, self.mounts) if path.startswith("/") else None
        return mount.source if mount is not None and mount.fstype == "zfs" else ""


def all_holders(lab: bool) -> list[Held]:
    """The simulated ones in the lab, else those of this machine."""
    if lab:
        from calypso.lab.devices import simulated_holders  # an appliance on real hardware never loads the lab

        return [Held(h["dataset"], h["kind"], h["pid"], h["name"], "") for h in simulated_holders()]
    return real_holders()


def real_holders(proc: Path = Path("/proc"), sys: Path = Path("/sys"), dev: Path = Path("/dev")) -> list[Held]:
    """Those of this machine, sorted. A process that ends meanwhile holds nothing."""
    places = Places(_mounts(proc), volumes(dev))
    if not places.datasets and not places.volumes:
        return []
    found = [*_processes(proc, places), *_mounted(places), *_loops(sys, places), *_swaps(proc, places)]
    return sorted({*found, *_stacked(sys, places)})


def volumes(dev: Path) -> dict[str, str]:
    """Full dataset name by kernel name (``zd16``), from the links below /dev/zvol; partitions are left out."""
    root = dev / "zvol"
    found: dict[str, str] = {}
    for folder, _, names in os.walk(root):
        for name in names:
            link = Path(folder, name)
            if link.is_symlink() and (device := _VOLUME.match(f"/dev/{link.readlink().name}")):
                dataset = str(link.relative_to(root))
                found[device[1]] = min(found.get(device[1], dataset), dataset)  # a partition's is longer: ``…-part1``
    return found


def _mounts(proc: Path) -> Sequence[Mount]:
    return parse_mountinfo(_text(proc / "self" / "mountinfo"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="backslashreplace")
    except OSError:
        return ""


# --- processes --------------------------------------------------------------------------------------------------------


def _processes(proc: Path, places: Places) -> Iterator[Held]:
    numbers = places.datasets
    for folder in proc.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            held: dict[str, dict[str, None]] = defaultdict(dict)
            for dataset, what in _uses(folder, places, numbers):
                held[dataset][what] = None
            name = _text(folder / "comm").strip()
            for dataset, uses in held.items():
                more = f" and {len(uses) - SHOWN} more" if len(uses) > SHOWN else ""
                yield Held(dataset, "process", int(folder.name), name, ", ".join([*uses][:SHOWN]) + more)


def _uses(process: Path, places: Places, numbers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for link, what in (("cwd", "works in"), ("root", "is rooted in"), ("exe", "runs")):
        if (path := _link(process / link)) and (dataset := places.of_path(path)):
            yield dataset, f"{what} {path}"
    for path in _open_files(process):
        if dataset := places.of_path(path):
            yield dataset, f"has open {path}"
    for line in _text(process / "maps").split("\n"):
        if (found := _MAPPED.match(line)) and (mapped := numbers.get(f"{int(found[1], 16)}:{int(found[2], 16)}")):
            yield mapped, f"maps {found[3]}"


def _open_files(process: Path) -> Iterator[str]:
    try:
        links = list((process / "fd").iterdir())
    except OSError:
        return
    for link in links:
        if path := _link(link):
            yield path.removesuffix(" (deleted)")


def _link(path: Path) -> str:
    try:
        return os.fsencode(path.readlink()).decode("utf-8", "backslashreplace")
    except OSError:
        return ""


# --- the kernel -------------------------------------------------------------------------------------------------------


def _mounted(places: Places) -> Iterator[Held]:
    """Bind mounts of a part or of the whole, other file systems mounted within one, and file systems on volumes."""
    first: set[str] = set()
    for mount in places.mounts:
        if mount.fstype == "zfs":
            if mount.root != "/" or mount.source in first:
                yield Held(mount.source, "mount", 0, mount.mountpoint, f"bind mount of {mount.root}")
            first.add(mount.source)
            continue
        if (found := _VOLUME.match(mount.source)) and found[1] in places.volumes:
            yield Held(places.volumes[found[1]], "mount", 0, mount.mountpoint, mount.fstype)
        outer = mount_of(mount.mountpoint, [m for m in places.mounts if m is not mount])
        if outer is not None and outer.fstype == "zfs" and outer.mountpoint != "/":
            yield Held(outer.source, "mount", 0, mount.mountpoint, f"{mount.fstype} mounted within it")


def _loops(sys: Path, places: Places) -> Iterator[Held]:
    for file in sys.glob("block/loop*/loop/backing_file"):
        path = _text(file).strip()
        if dataset := places.of_path(path):
            yield Held(dataset, "loop", 0, file.parts[-3], path)


def _swaps(proc: Path, places: Places) -> Iterable[Held]:
    try:
        swaps = parse_swaps(_text(proc / "swaps"))
    except ToolGarbage:
        return []
    return [Held(d, "swap", 0, swap.path, swap.kind) for swap in swaps if (d := places.of_path(swap.path))]


def _stacked(sys: Path, places: Places) -> Iterator[Held]:
    """What sits on a volume: device mapper, md."""
    for kernel, dataset in places.volumes.items():
        for holder in sys.glob(f"block/{kernel}/holders/*"):
            yield Held(dataset, "zvol", 0, holder.name, f"sits on /dev/{kernel}")
