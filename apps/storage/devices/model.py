"""What the device source tells: plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Use:
    """Something that a disk holds or serves.

    kind: partition_table, filesystem, mounted, swap, lvm, raid, zfs_member, encrypted, holder, loop_backing.
    name: table type; label, else type of a file system; mountpoint; swap device or file; array, group or pool;
    mapping or array that sits on the disk; file behind a loop device.
    """

    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class BlockDevice:
    """One whole disk. size in bytes; rotational None where the kernel doesn't say.

    id: name under /dev/disk/by-id (existing or computed), else the kernel name. path: what zpool is given.
    wwn: as udev's ID_WWN_WITH_EXTENSION (``0x5000c5…``, ``eui.…``, ``nvme.…``), empty when the disk has none.
    slot: enclosure bay where an enclosure names one, else the bus path (``pci-0000:00:07.0-nvme-1``), else empty.
    broken: the kernel gave the disk up (``sd.c`` state offline, ``nvme`` state dead).
    system: the running system's root, /boot, /usr, /var or swap is on it, directly or through dm, md or ZFS.
    """

    id: str
    name: str
    path: str
    serial: str
    wwn: str
    model: str
    size: int
    rotational: bool | None
    transport: str
    removable: bool
    read_only: bool
    simulated: bool
    uses: tuple[Use, ...]
    slot: str
    broken: bool = False
    system: bool = False
