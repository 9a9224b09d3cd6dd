"""Which pool names the tool takes: zpool_name_valid() in libzfs and pool_namecheck() in zfs_namecheck.c."""

from __future__ import annotations

import re

from calypso.kernel.errors import Invalid

LONGEST = 128  # ZFS itself ends at 255 for pool/dataset@snapshot together: room is left for children
_ALLOWED = re.compile(r"[A-Za-z0-9_.: -]")
_RESERVED_PREFIXES = ("mirror", "raidz", "draid", "spare")
_HINT = "Use letters, digits and - _ . : beginning with a letter, for example “tank” or “backup-1”."


def check_pool_name(name: str, field: str = "name") -> None:
    """Raise Invalid that names the field unless `zpool create` takes the name. Stricter: no blank at the end."""
    problem = _problem(name)
    if problem:
        raise Invalid(problem, field=field, hint=_HINT)


def _problem(name: str) -> str:
    bad = next((letter for letter in name if not _ALLOWED.match(letter)), None)
    rules = (
        (not name, "A pool needs a name"),
        (len(name) > LONGEST, f"The name is longer than {LONGEST} characters"),
        (bad is not None, f"The name holds {bad!r}, which ZFS does not take"),
        (not name[:1].isalpha(), "The name must begin with a letter"),
        (name.endswith(" "), "The name must not end with a blank"),
        (name == "log" or name.startswith(_RESERVED_PREFIXES), f"“{name}” is reserved: it begins like a kind of vdev"),
        (re.match("c[0-9]", name) is not None, f"“{name}” is reserved: it begins like a device name"),
    )
    return next((words for broken, words in rules if broken), "")
