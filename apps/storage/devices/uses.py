"""What is on each disk and which disks hold the running system, from the nodes and /proc alone. Pure.

A disk's family is itself, its partitions and all that sits on these (dm, md and their partitions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from apps.storage.devices.model import Use
from apps.storage.devices.nodes import Node
from apps.storage.devices.proc import Mount, Swap, mount_of
from apps.storage.devices.signatures import from_properties, signature_uses

Probe = Callable[[str], tuple[Use, ...]]


@dataclass(frozen=True)
class Box:
    """All that is known at one moment. btrfs: groups of kernel names that form one mounted file system.

    resolve: path → kernel name of the block device it leads to (``/dev/mapper/x`` → ``dm-0``). probe: what is
    written on a device that udev says nothing about, by path.
    """

    nodes: Mapping[str, Node]
    mounts: Sequence[Mount] = ()
    swaps: Sequence[Swap] = ()
    btrfs: Sequence[frozenset[str]] = ()
    resolve: Callable[[str], str] = lambda path: PurePosixPath(path).name
    probe: Probe = lambda _path: ()

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Kernel name by ``major:minor``."""
        return {node.number: name for name, node in self.nodes.items()}

    @cached_property
    def mounted(self) -> dict[str, list[Mount]]:
        """Mounts by kernel name; an appliance may have thousands, nearly all of them ZFS and so of no device."""
        found: dict[str, list[Mount]] = {}
        for mount in self.mounts:
            for name in devices_of(mount, self):
                found.setdefault(name, []).append(mount)
        return found

    @cached_property
    def system_devices(self) -> frozenset[str]:
        """Kernel names that the running system lives on."""
        mounted = (devices_of(mount, self) for mount in self.mounts if mount.system)
        return frozenset().union(*mounted, *(devices_of_swap(swap, self) for swap in self.swaps))


def family(disk: str, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Kernel names of the disk, its partitions and their holders at any depth, the disk first."""
    found: dict[str, None] = {}
    waiting = [disk]
    while waiting:
        name = waiting.pop(0)
        if name in found or name not in nodes:
            continue
        found[name] = None
        waiting += [part.name for part in nodes.values() if part.partition and part.disk == name]
        waiting += nodes[name].holders
    return tuple(found)


def devices_of(mount: Mount, box: Box) -> frozenset[str]:
    """Kernel names beneath a mount; btrfs has numbers of its own and may span several devices."""
    numbered = box.numbers.get(mount.number)
    if numbered:
        return frozenset({numbered})
    if not mount.source.startswith("/dev/"):
        return frozenset()
    name = box.resolve(mount.source)
    return next((group for group in box.btrfs if name in group), frozenset({name}))


def devices_of_swap(swap: Swap, box: Box) -> frozenset[str]:
    """Kernel names beneath a swap area, for a file those of the file system around it."""
    if swap.kind == "partition":
        return frozenset({box.resolve(swap.path)})
    mount = mount_of(swap.path, box.mounts)
    return devices_of(mount, box) if mount else frozenset()


def system_pools(mounts: Iterable[Mount]) -> frozenset[str]:
    """Pools that the running system lives on (``rpool/ROOT/debian`` on /)."""
    return frozenset(mount.source.partition("/")[0] for mount in mounts if mount.system and mount.fstype == "zfs")


def uses_of(disk: str, box: Box) -> tuple[Use, ...]:
    """Everything on one disk, sorted, each use once."""
    members = family(disk, box.nodes)
    found: set[Use] = set()
    for name in members:
        found |= _served(name, box)
        if box.nodes[name].disk == disk:
            found |= _written(box.nodes[name], box)
        else:
            found.add(Use("holder", box.nodes[name].attr("dm/name") or name))
    if any(box.nodes[name].partition for name in members) and not any(use.kind == "partition_table" for use in found):
        found.add(Use("partition_table", ""))
    return tuple(sorted(found))


def _served(name: str, box: Box) -> set[Use]:
    """Mounts, swap and backing file of one device."""
    mounts = box.mounted.get(name, [])
    whole = [mount for mount in mounts if mount.root == "/"] or mounts  # bind mounts tell nothing new
    swaps = [swap for swap in box.swaps if swap.kind == "partition" and box.resolve(swap.path) == name]
    backing = box.nodes[name].attr("loop/backing_file")
    served = {Use("mounted", mount.mountpoint) for mount in whole}
    served |= {Use("swap", swap.path) for swap in swaps}
    return served | ({Use("loop_backing", backing)} if backing else set())


def _written(node: Node, box: Box) -> set[Use]:
    """Signatures on a disk or partition: udev's word where it has looked, else a probe."""
    if any(key.startswith("ID_") for key in node.properties):
        return set(signature_uses(from_properties(node.properties)))
    return set(box.probe(f"/dev/{node.name}"))


def is_system(disk: str, uses: Iterable[Use], box: Box) -> bool:
    """True when the running system needs this disk."""
    pools = system_pools(box.mounts)
    member = any(use.kind == "zfs_member" and use.name in pools for use in uses)
    return member or not box.system_devices.isdisjoint(family(disk, box.nodes))
