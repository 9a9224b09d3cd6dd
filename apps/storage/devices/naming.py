"""How a disk is called: serial, WWN, transport and its stable id. Pure.

With a udev daemon its properties and links count; without one the same names are computed from sysfs, by the
rules of 60-persistent-storage.rules (systemd), so that an id is the same either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from apps.storage.devices.nodes import Node

BY_ID = "/dev/disk/by-id/"
_RANKS = {  # the first prefix that fits counts; 0 is best
    "wwn-": 0,
    "nvme-eui.": 1,
    "nvme-uuid.": 1,
    "nvme-nvme.": 3,  # says no more than model and serial, less readably
    "nvme-": 2,
    "ata-": 4,
    "scsi-": 5,
    "virtio-": 6,
    "usb-": 7,
    "mmc-": 8,
}
_UNRANKED = len(_RANKS)
_TRANSPORTS = (
    (r"/usb[0-9]", "usb"),
    (r"/session[0-9]", "iscsi"),
    (r"/rport-", "fc"),
    (r"/end_device-", "sas"),
    (r"/ata[0-9]", "sata"),
    (r"/nvme", "nvme"),
    (r"/mmc_host", "mmc"),
    (r"/target[0-9]", "scsi"),
    (r"/virtio[0-9]+/block", "virtio"),
    (r"/virtual/block/loop", "loop"),
)


def serial(node: Node) -> str:
    """The serial number, by order of trust; all disks behind one iSCSI host may share ID_SERIAL."""
    properties = ("ID_SCSI_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL")
    attributes = ("unit_serial", "serial", "device/serial")
    known = [node.prop(name) for name in properties] + [node.attr(name) for name in attributes]
    return next((text.strip() for text in known if text.strip()), "")


def wwn(node: Node) -> str:
    """World wide name as udev writes it; a T10 vendor id (``t10.…``) is none."""
    wwid = node.attr("wwid") or node.attr("device/wwid")
    from_sysfs = re.sub(r"^naa\.", "0x", wwid) if wwid.startswith(("naa.", "eui.", "nvme.", "uuid.")) else ""
    return node.prop("ID_WWN_WITH_EXTENSION") or node.prop("ID_WWN") or from_sysfs


def model(node: Node) -> str:
    """The model with its blanks: ID_MODEL has underscores for them, and sysfs cuts ATA models at 16 characters."""
    encoded = re.sub(r"\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), node.prop("ID_MODEL_ENC"))
    return encoded.strip() or node.attr("device/model") or node.prop("ID_MODEL")


def transport(node: Node) -> str:
    """usb, iscsi, fc, sas, sata, nvme, mmc, scsi, virtio, loop, or what udev calls the bus, or empty."""
    return next((name for pattern, name in _TRANSPORTS if re.search(pattern, node.sys_path)), node.prop("ID_BUS"))


def candidates(node: Node) -> tuple[str, ...]:
    """Names that could be the disk's id, best first; the kernel name is always the last."""
    links = {link.removeprefix(BY_ID) for link in node.prop("DEVLINKS").split() if link.startswith(BY_ID)}
    names = [name for name in links | set(_computed(node)) if _rank(name) < _UNRANKED]
    return (*sorted(names, key=lambda name: (_rank(name), -len(name), name)), node.name)


def _rank(name: str) -> int:
    """How good a kind of name is; links by content (lvm-pv-uuid-…) or by mapping are not for us."""
    return next((rank for prefix, rank in _RANKS.items() if name.startswith(prefix)), _UNRANKED)


def _computed(node: Node) -> list[str]:
    if node.name.startswith("nvme"):
        return _computed_nvme(node)
    if node.name.startswith("sd"):
        return _computed_scsi(node)
    if node.name.startswith("vd") and node.attr("serial"):
        return ["virtio-" + _clean(node.attr("serial"))]
    return []


def _computed_nvme(node: Node) -> list[str]:
    parts = [_clean(node.attr(name)) for name in ("device/model", "device/serial", "nsid")]
    name = ["nvme-" + "_".join(parts)] if all(parts) else []
    return name + (["nvme-" + wwn(node)] if wwn(node) else [])


def _computed_scsi(node: Node) -> list[str]:
    names = ["wwn-" + wwn(node)] if wwn(node).startswith("0x") else []
    wwid = node.attr("device/wwid")
    if wwid.startswith("t10.ATA "):
        names.append("ata-" + _clean(wwid.removeprefix("t10.ATA ")))
    if node.attr("unit_serial"):
        padded = node.attr("device/vendor").ljust(8) + node.attr("device/model").ljust(16)  # as scsi_id does
        names.append("scsi-S" + _clean(padded + node.attr("unit_serial")))
    return names


def _clean(text: str) -> str:
    """Blanks and what udev allows in no link become underscores (udev_util.c, udev_replace_chars)."""
    return re.sub(r"[^A-Za-z0-9#+.:=@_-]", "_", "_".join(text.split()))


def assign_ids(wanted: Mapping[str, tuple[str, ...]], owners: Mapping[str, str]) -> dict[str, str]:
    """One id for each kernel name, no id twice. wanted: candidates best first; owners: link → kernel name.

    Two disks may claim one WWN (paths to the same disk, clones): who has the link keeps it, the other takes its next.
    """
    taken = {link for name, names in wanted.items() for link in names if owners.get(link) == name}
    ids: dict[str, str] = {}
    for name in _natural(wanted):
        free = (claim for claim in wanted[name] if owners.get(claim) == name or claim not in taken)
        ids[name] = next(free, name)
        taken.add(ids[name])
    return ids


def _natural(names: Iterable[str]) -> list[str]:
    """sda … sdz before sdaa."""
    return sorted(names, key=lambda name: (len(name), name))
