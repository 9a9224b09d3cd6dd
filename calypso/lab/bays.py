"""The disks that a fresh lab has."""

from __future__ import annotations

from typing import Any

Disk = dict[str, Any]
GIB = 1024**3


def disk(number: int, size: int, model: str, *, transport: str = "sas", fstype: str = "") -> Disk:
    """One disk, attached and sound. number: from 0, gives all its names. size: bytes."""
    nvme, rotational = transport == "nvme", model.startswith("HDD")
    serial = number + 1
    return {
        "name": f"lab{number}",
        "id": f"nvme-eui.0025385b{serial:08d}" if nvme else f"wwn-0x5000c5{serial:010d}",
        "serial": f"LAB{serial:04d}",
        "model": model,
        "wwn": f"eui.0025385b{serial:08d}" if nvme else f"0x5000c5{serial:010d}",
        "size": size,
        "rotational": rotational,
        "transport": transport,
        "slot": number + 1,
        "attached": True,
        "broken": False,
        "fstype": fstype,
        "phys_path": f"pci-0000:01:00.{number}-nvme-1" if nvme else f"pci-0000:00:05.0-scsi-0:0:{number + 1}:0",
        "devid": f"nvme-eui.0025385b{serial:08d}-part1" if nvme else f"scsi-35000c5{serial:010d}-part1",
    }


def default_disks() -> list[Disk]:
    """Sixteen bays: ten 4 TB disks, two SSDs, two NVMe, one small disk, one with an ext4 file system on it."""
    hdds = [disk(n, 4_000_787_030_016, "HDD ST4000NM0025") for n in range(10)]
    ssds = [disk(n, 1_920_383_410_176, "SSD MZILT1T9HBJR", transport="sas") for n in (10, 11)]
    nvmes = [disk(n, 400_088_457_216, "NVMe INTEL SSDPED1K", transport="nvme") for n in (12, 13)]
    small = disk(14, 8 * GIB, "SSD DOM 8GB", transport="sata")
    used = disk(15, 4_000_787_030_016, "HDD ST4000NM0025", fstype="ext4")
    return [*hdds, *ssds, *nvmes, small, used]
