"""Which names datasets may have: dataset_namecheck() in OpenZFS's zfs_namecheck.c, a little stricter. Pure."""

from __future__ import annotations

import re

from calypso.kernel.errors import Invalid

LONGEST = 255  # of the whole name, snapshots included: ZFS_MAX_DATASET_NAME_LEN without its NUL
DEEPEST = 50  # zfs_max_dataset_nesting
_ALLOWED = re.compile(r"[A-Za-z0-9_.: -]")
_HINT = "Use letters, digits and - _ . : in each part, with / between the parts, for example “tank/home/ann”."


def check_dataset_name(name: str, field: str = "name") -> None:
    """Raises Invalid unless it can be the name of a dataset in a pool (not of the pool's own)."""
    if problem := _problem(name):
        raise Invalid(f"{problem}.", field=field, code="bad_name", hint=_HINT)


def _problem(name: str) -> str:
    parts = name.split("/")
    bad = next((letter for part in parts for letter in part if not _ALLOWED.match(letter)), None)
    rules = (
        (len(parts) < 2, "A dataset's name begins with its pool's, and a /"),
        (len(name) > LONGEST, f"The name is longer than {LONGEST} characters"),
        (len(parts) > DEEPEST, f"The name has more than {DEEPEST} parts"),
        ("" in parts, "The name has an empty part: a / too many"),
        (bad is not None, f"The name holds {bad!r}, which ZFS does not take"),
        (any(part in (".", "..") for part in parts), "A part of the name can't be . or .."),
        (any(part != part.strip() for part in parts), "A part of the name begins or ends with a blank"),
        (not name[:1].isalpha(), "The name must begin with a letter"),
    )
    return next((words for broken, words in rules if broken), "")
