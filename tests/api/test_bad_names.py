"""Names of pools that ZFS does not take: refused at the field, and nothing on record; and those that it takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bad_input import create, mirror, refused
from tests.support.rest import Person, finish, nothing_recorded

pytestmark = pytest.mark.django_db

BAD_NAMES = [
    "",
    " ",
    " tank",
    "tank ",
    "1tank",
    "-o",
    "-f",
    "--",
    "_tank",
    ".tank",
    ":tank",
    "../x",
    "tank/child",
    "tank@snap",
    "tank#mark",
    "tank%20",
    "tank\n",
    "tank\n-f",
    "ta\tnk",
    "tank\r",
    "tank\x1b[2J",
    "tank\x00",
    "\x00",
    "tank\x7f",
    "tänk",
    "池",
    "tank\u200b",
    "tank\u202egnp",
    "\uff54ank",
    "tank;reboot",
    "$(reboot)",
    "`reboot`",
    "tank|cat",
    "tank&",
    "tank*",
    "tank?",
    "'tank'",
    '"tank"',
    "tank\\n",
    "~tank",
    "mirror",
    "mirror-0",
    "mirrored",
    "raidz",
    "raidz1",
    "raidzilla",
    "draid",
    "draid2:4d",
    "spare",
    "spares",
    "log",
    "c0t0d0",
    "c1",
    "x" * 129,
    "x" * 256,
    "x" * 100_000,
]


def test_names_that_zfs_does_not_take(admin: Person, seen: list[str], subtests: Any) -> None:
    for name in BAD_NAMES:
        with subtests.test(repr(name[:16])), nothing_recorded():
            refused(create(admin, mirror(*seen[:2]), name=name), "invalid_input", "name")


@pytest.mark.parametrize("name", ["tank", "T", "backup-1", "a.b:c_d-e", "logs", "c", "cat", "my pool", "x" * 128])
def test_names_that_zfs_takes(admin: Person, seen: list[str], name: str) -> None:
    answer = create(admin, mirror(*seen[:2]), name=name)
    assert answer.status == 202, answer
    argv = answer.body["plan"]["steps"][0]["argv"]
    assert argv[argv.index("--") + 1] == name
    finish(answer.body["id"])
    assert admin.get(f"/operations/{answer.body['id']}").body["state"] == "succeeded"
