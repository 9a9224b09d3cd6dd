"""Bad input at the API: the table of codes, what is asserted of a refusal, and pools that are asked for.

The fixtures here are made known to a folder of tests by importing them in its conftest.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.observe.scan import observe
from calypso.kernel.actors import Role
from tests.support.lab_box import Box
from tests.support.rest import Answer, Person, disk_ids, person

# Codes are a promise to scripts: a change here is a change of the interface.
CODES = {
    "bad_json": 400,
    "body_too_large": 413,
    "confirmation_needed": 422,
    "csrf_failed": 403,
    "disk_in_use": 409,
    "disk_too_small": 422,
    "disk_twice": 422,
    "disk_unusable": 409,
    "duplicate_serial": 422,
    "idempotency_key_reused": 409,
    "invalid_input": 422,
    "login_failed": 401,
    "method_not_allowed": 405,
    "mixed_vdevs": 422,
    "no_data_vdev": 422,
    "no_such_pool": 404,
    "not_authenticated": 401,
    "not_found": 404,
    "operation_finished": 409,
    "pool_exists": 409,
    "pool_suspended": 409,
    "real_disk": 422,
    "role_type": 422,
    "stale_version": 412,
    "system_disk": 409,
    "too_few_disks": 422,
    "unknown_disk": 422,
    "wrong_content_type": 415,
}


def refused(answer: Answer, code: str, field: str | None = None) -> dict[str, Any]:
    """Asserts a problem of this code, and of this field unless it is None."""
    body = answer.problem()
    assert (body["code"], answer.status) == (code, CODES[code]), body
    if field is not None:
        assert body["field"] == field, body
    return body


@pytest.fixture
def admin(db: None) -> Person:
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def seen(db: None, box: Box) -> list[str]:
    """The ids of the lab's disks, which have been seen."""
    observe()
    return disk_ids(box)


def mirror(*disks: str, role: str = "data", kind: str = "mirror") -> dict[str, Any]:
    return {"type": kind, "disks": list(disks), "role": role}


def create(who: Person, *vdevs: dict[str, Any], name: Any = "dozer", **more: Any) -> Answer:
    return who.post("/storage/pools", {"name": name, "vdevs": list(vdevs), **more})
