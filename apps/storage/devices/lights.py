"""The locate light at a disk's bay: the kernel's enclosure attribute (drivers/misc/enclosure.c), or the lab's."""

from __future__ import annotations

import re
from pathlib import Path

SYSFS = Path("/sys/block")


class NoLight(Exception):
    """No enclosure has this disk in a slot with a light."""


def read_light(name: str, simulated: bool) -> bool:
    """Whether the light is on. ``name``: the disk's kernel name. Raises NoLight."""
    if simulated:
        return _lab_light(name)
    try:
        return _attribute(name).read_text().strip() not in ("", "0")
    except OSError as error:  # the disk went while we looked
        raise NoLight(name) from error


def switch_light(name: str, simulated: bool, on: bool) -> None:
    """Raises NoLight, or OSError when the enclosure does not take it."""
    if simulated:
        _switch_lab_light(name, on)
    else:
        _attribute(name).write_text("1" if on else "0")


def sysfs_path(name: str) -> str:
    """The device's path in sysfs, below that of its controller; "" for none."""
    path = SYSFS / name
    return str(path.resolve()) if re.fullmatch(r"[A-Za-z0-9_-]+", name) and path.exists() else ""


def _attribute(name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise NoLight(name)
    found = next(iter(sorted((SYSFS / name / "device").glob("enclosure_device:*/locate"))), None)
    if found is None:
        raise NoLight(name)
    return found


def _lab_light(name: str) -> bool:
    from calypso.lab.devices import light  # an appliance on real hardware never loads the lab

    found = light(name)
    if found is None:
        raise NoLight(name)
    return found


def _switch_lab_light(name: str, on: bool) -> None:
    from calypso.lab.devices import switch_light as switch

    if not switch(name, on):
        raise NoLight(name)
