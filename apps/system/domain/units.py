"""Units of systemd: their names, which of them Calypso works with, and which one would miss badly. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from calypso.kernel.errors import Invalid

_NAME = re.compile(
    r"[A-Za-z0-9:_.\\@-]+\.(service|socket|target|timer|mount|automount|device|path|slice|scope|swap)", re.ASCII
)
MOST_CHARACTERS = 255

# What Calypso manages, in the order in which it is shown, by patterns of unit names.
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Calypso", ("calypso*.service", "calypso*.target")),
    ("ZFS", ("zfs-*.service", "zfs.target", "zfs-*.target")),
    ("SCST", ("scst.service", "iscsi-scst.service")),
    ("MHVTL", ("mhvtl.target", "mhvtl-*.service", "vtllibrary@*.service", "vtltape@*.service")),
    ("Bacula", ("bacula-*.service", "bareos-*.service")),
    ("PostgreSQL", ("postgresql.service", "postgresql@*.service")),
    ("Time", ("chrony.service", "chronyd.service", "ntp.service", "ntpsec.service", "systemd-timesyncd.service")),
)
OTHER = len(PARTS)  # the rank of all others

# Without these one may not get in again, or Calypso itself can't work.
BRANCHES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Calypso itself runs by it", ("calypso*.service", "calypso*.target")),
    ("Calypso keeps its records in it", ("postgresql.service", "postgresql@*.service")),
    ("the whole box speaks over it", ("dbus.service", "dbus.socket", "dbus-broker.service")),
    (
        "the network is up by it, and you may lose the connection",
        (
            "systemd-networkd.service",
            "systemd-networkd.socket",
            "NetworkManager.service",
            "networking.service",
            "network.target",
            "network-online.target",
            "ifup@*.service",
        ),
    ),
    ("people log in from afar by it", ("ssh.service", "ssh.socket", "sshd.service")),
    (
        "the operating system depends on it",
        ("systemd-journald.service", "systemd-logind.service", "systemd-udevd.service", "polkit.service"),
    ),
)


def checked_name(name: str) -> str:
    """The name of a unit as systemd takes it. Raises Invalid, before it gets anywhere near a tool."""
    if len(name) > MOST_CHARACTERS or ".." in name or not _NAME.fullmatch(name):
        raise Invalid(
            "This is no name of a unit.",
            field="name",
            code="bad_unit_name",
            hint="Give the whole name, such as ssh.service: letters, digits, : _ . \\ @ and -, no / and no “..”.",
        )
    return name


def part_of(name: str) -> tuple[int, str]:
    """The rank and the name of what the unit belongs to; (OTHER, "") where that is nothing that Calypso manages."""
    for rank, (part, patterns) in enumerate(PARTS):
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return rank, part
    return OTHER, ""


def branch_of(name: str) -> str:
    """Why one would miss it, or "" where one would not."""
    found = (why for why, patterns in BRANCHES if any(fnmatchcase(name, pattern) for pattern in patterns))
    return next(found, "")


#: They come when somebody asks them over the bus, as Calypso does, and go by themselves: that is no news.
ON_DEMAND = frozenset(f"systemd-{name}d.service" for name in ("hostname", "timedate", "locale"))


def is_shown(name: str) -> bool:
    """Services, and whatever else Calypso manages. A template is no unit yet."""
    return name not in ON_DEMAND and "@." not in name and (name.endswith(".service") or part_of(name)[0] != OTHER)
