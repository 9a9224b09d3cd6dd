"""`zpool upgrade`: which pools lack features, and enabling them."""

from __future__ import annotations

import sys
from typing import Any

from calypso.lab.features import FEATURES, disabled
from calypso.lab.options import Options, Refused
from calypso.lab.pools import pool_named
from calypso.lab.state import change, read
from calypso.lab.zpool import usage

FLAGS = "This system supports ZFS pool feature flags.\n\n"
MISSING = """\
All pools are formatted using feature flags.


Some supported features are not enabled on the following pools. Once a
feature is enabled the pool may become incompatible with software
that does not support the feature. See zpool-features(7) for details.

Note that the pool 'compatibility' feature can be used to inhibit
feature upgrades.

POOL  FEATURE
---------------
"""
COMPLETE = """\
All pools are formatted using feature flags.

Every feature flags pool has all supported and requested features enabled.
"""
FIRST = "The following features are supported:\n\nFEAT DESCRIPTION\n" + "-" * 61 + "\n"


def upgrade(argv: list[str]) -> int:
    given = Options(argv, "av", usage.ZPOOL)
    sys.stdout.write(FLAGS)
    if given.has("v"):
        sys.stdout.write(FIRST + "".join(f"{name}\n" for name in FEATURES))
        return 0
    if not given.operands and not given.has("a"):
        return _show()
    with change() as state:
        names = [pool["name"] for pool in state["pools"]] if given.has("a") else given.operands
        for name in names:
            _upgrade(pool_named(state, name))
    return 0


def _show() -> int:
    lacking = [(pool["name"], disabled(pool)) for pool in read()["pools"] if disabled(pool)]
    if not lacking:
        sys.stdout.write(COMPLETE)
        return 0
    sys.stdout.write(MISSING)
    for name, features in lacking:
        sys.stdout.write(f"{name}\n" + "".join(f"      {feature}\n" for feature in features) + "\n")
    return 0


def _upgrade(pool: dict[str, Any]) -> None:
    name, features = pool["name"], disabled(pool)
    if pool["readonly"]:
        raise Refused(f"cannot set property for '{name}': pool is read-only\n")
    if not features:
        sys.stdout.write(f"Pool '{name}' already has all supported and requested features enabled.\n")
        return
    pool["disabled_features"] = []
    listed = "".join(f"  {feature}\n" for feature in features)
    sys.stdout.write(f"Enabled the following features on '{name}':\n{listed}\n")
