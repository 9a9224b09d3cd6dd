"""Bodies of a wrong shape, kind or size, and what is no JSON: a problem with a stable code, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.bad_input import refused
from tests.support.rest import Person, nothing_recorded, stranger

pytestmark = pytest.mark.django_db

GOOD = {"name": "dozer", "vdevs": [{"type": "mirror", "disks": ["a", "b"]}]}


WRONG_SHAPES: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "name"),
    ({"name": 7}, "name"),
    ({"name": ["tank"]}, "name"),
    ({"name": {"a": 1}}, "name"),
    ({"vdevs": None}, "vdevs"),
    ({"vdevs": []}, "vdevs"),
    ({"vdevs": {}}, "vdevs"),
    ({"vdevs": "mirror"}, "vdevs"),
    ({"vdevs": [[]]}, "vdevs.0"),
    ({"vdevs": [{"type": "mirror"}]}, "vdevs.0.disks"),
    ({"vdevs": [{"type": "raid5", "disks": ["a"]}]}, "vdevs.0.type"),
    ({"vdevs": [{"type": "mirror", "disks": []}]}, "vdevs.0.disks"),
    ({"vdevs": [{"type": "mirror", "disks": ["a", ""]}]}, "vdevs.0.disks.1"),
    ({"vdevs": [{"type": "mirror", "disks": ["a", 1]}]}, "vdevs.0.disks.1"),
    ({"vdevs": [{"type": "mirror", "disks": ["a", "b"], "role": "boot"}]}, "vdevs.0.role"),
    ({"vdevs": [{"type": "mirror", "disks": ["a", "b"], "size": 1}]}, "vdevs.0.size"),
    ({"vdevs": [{"type": "mirror", "disks": ["a", "x" * 256]}]}, "vdevs.0.disks.1"),
    ({"vdevs": [{"type": "mirror", "disks": ["a", "b\x00"]}]}, "vdevs.0.disks.1"),
    ({"vdevs": [{"type": "mirror", "disks": ["a"] * 256}]}, "vdevs.0.disks"),
    ({"force": "perhaps"}, "force"),
    ({"force": 2}, "force"),
    ({"force": None}, "force"),
    ({"reason": 1}, "reason"),
    ({"reason": "x" * 501}, "reason"),
    ({"reason": "a\x1bb"}, "reason"),
    ({"reason": "a\x00b"}, "reason"),
    ({"unknown": 1}, "unknown"),
    ({"NAME": "tank"}, "NAME"),
    ({"__class__": "x"}, "__class__"),
    ({"dry_run": True}, "dry_run"),
]


def test_json_of_a_wrong_shape(admin: Person, seen: list[str], subtests: Any) -> None:
    for change, field in WRONG_SHAPES:
        with subtests.test(json.dumps(change)[:60]), nothing_recorded():
            refused(admin.post("/storage/pools", {**GOOD, **change}), "invalid_input", field)


NOT_JSON: list[tuple[str | bytes, str | None]] = [
    ("", "invalid_input"),
    ("null", "invalid_input"),
    ("[]", "invalid_input"),
    ("7", "invalid_input"),
    ('"tank"', "invalid_input"),
    ("{}", "invalid_input"),
    (" ", "bad_json"),
    ("{", "bad_json"),
    ("{'name': 'tank'}", "bad_json"),
    ('{"name": "tank",}', "bad_json"),
    ('{"name": NaN}', "bad_json"),
    ('{"name": Infinity}', "bad_json"),
    ('{"name": "\\ud800"}', "bad_json"),
    ('{"name": "ta\nnk"}', "bad_json"),
    (b'{"name": "\xff"}', "bad_json"),
    (b"\xff\xfe{\x00}\x00", "bad_json"),
    ("[" * 100_000, "bad_json"),
    ("[" * 5_000 + "]" * 5_000, "bad_json"),
    ('{"a":' * 900 + "1" + "}" * 900, "invalid_input"),
    ('{"name": ' + "9" * 10_000 + "}", None),
    ('{"name": 1e999}', None),
    ('{"\\u0000": 1}', "invalid_input"),
    ("name=tank&vdevs=", "bad_json"),
    ("<pool/>", "bad_json"),
]


@pytest.mark.parametrize("path", ["/storage/pools", "/storage/scan", "/auth/tokens", "/auth/login"])
def test_what_is_not_json(admin: Person, seen: list[str], path: str, subtests: Any) -> None:
    for raw, code in NOT_JSON:
        if path == "/storage/scan" and raw == "{}":
            continue  # whole: it has no field that must be given
        with subtests.test(repr(raw[:40])), nothing_recorded():
            answer = admin.ask("POST", path, raw=raw)
            refused(answer, code or answer.code)
            assert answer.status in (400, 422)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json"],
)
@pytest.mark.parametrize("path", ["/storage/pools", "/auth/login", "/auth/jwt", "/auth/tokens"])
def test_a_wrong_content_type(admin: Person, seen: list[str], path: str, kind: str) -> None:
    with nothing_recorded():
        refused(admin.ask("POST", path, raw=json.dumps(GOOD), content_type=kind), "wrong_content_type")
        unproven = admin.ask("POST", path, raw=b"--x--", content_type=kind, HTTP_X_CSRFTOKEN="")
        assert unproven.problem()["code"] in ("csrf_failed", "wrong_content_type")


def test_json_with_a_charset_is_json(admin: Person, seen: list[str]) -> None:
    answer = admin.ask("POST", "/storage/scan", raw="{}", content_type="application/json; charset=utf-8")
    assert answer.status == 202


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 10_000_000])
@pytest.mark.parametrize("path", ["/storage/pools", "/auth/login", "/auth/jwt"])
def test_a_body_too_large(admin: Person, path: str, size: int) -> None:
    with nothing_recorded():
        refused(admin.ask("POST", path, raw=b" " * size), "body_too_large")
        refused(stranger().ask("POST", "/auth/login", raw=b" " * size), "body_too_large")
