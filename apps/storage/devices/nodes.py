"""Snapshot of the kernel's block devices: udev properties and sysfs attributes as plain values, nothing decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger(__name__)

ATTRIBUTES = (
    "size",
    "ro",
    "removable",
    "hidden",
    "serial",
    "wwid",
    "nsid",
    "queue/rotational",
    "device/wwid",
    "device/serial",
    "device/model",
    "device/vendor",
    "device/state",
    "loop/backing_file",
    "dm/name",
)


@dataclass(frozen=True)
class Node:
    """One block device of any kind. number: ``major:minor``; disk: kernel name of the whole disk it belongs to.

    attributes: stripped text by its path below the device's sysfs folder; what is absent isn't in it.
    """

    name: str
    disk: str
    number: str = ""
    sys_path: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    holders: tuple[str, ...] = ()
    bay: str = ""

    def prop(self, name: str) -> str:
        return self.properties.get(name, "")

    def attr(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def partition(self) -> bool:
        return self.name != self.disk


def read_nodes(context: Any) -> dict[str, Node]:
    """Every block device that the kernel has now, by kernel name. context: a pyudev.Context."""
    found = (_attempt(_read_node, device) for device in context.list_devices(subsystem="block"))
    return {node.name: node for node in found if node is not None}


def _attempt(read: Callable[[Any], Node], device: Any) -> Node | None:
    try:
        return read(device)
    except (OSError, LookupError, UnicodeError) as error:  # gone while we looked
        log.warning("block_device_unreadable", device=str(device), error=repr(error))
        return None


def _read_node(device: Any) -> Node:
    path = Path(device.sys_path)
    properties = {key: device.properties[key] for key in device.properties}
    return Node(
        name=device.sys_name,
        disk=path.parent.name if device.device_type == "partition" else device.sys_name,
        number=f"{properties.get('MAJOR', '')}:{properties.get('MINOR', '')}",
        sys_path=str(path),
        properties=properties,
        attributes=_attributes(path),
        holders=tuple(_names(path / "holders")),
        bay=enclosure_bay(_names(path / "device")),
    )


def _attributes(path: Path) -> dict[str, str]:
    found = {name: _read(path / name).decode(errors="replace").strip("\0\r\n\t ") for name in ATTRIBUTES}
    found["unit_serial"] = unit_serial(_read(path / "device/vpd_pg80"))
    return {name: text for name, text in found.items() if text}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return []


def unit_serial(page: bytes) -> str:
    """Serial number in the SCSI vital product data page 80h (SPC-4 §7.8.15), empty when the page isn't one."""
    if len(page) < 4 or page[1] != 0x80:
        return ""
    text = page[4 : 4 + int.from_bytes(page[2:4])].decode("ascii", errors="replace")
    return "" if "\ufffd" in text else re.sub(r"[\x00-\x20]+", " ", text).strip()


def enclosure_bay(entries: Iterable[str]) -> str:
    """The bay from a SCSI device's link ``enclosure_device:<bay>`` (drivers/misc/enclosure.c), else empty."""
    return next((entry.partition(":")[2] for entry in entries if entry.startswith("enclosure_device:")), "")
