"""Bad input: each case a problem with a stable code, the right status and field, and nothing on record. Never a 500."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from apps.storage.observe import observe
from calypso.kernel import store
from calypso.kernel.actors import Role
from calypso.lab.happenings import break_
from tests.support.lab_box import Box
from tests.support.rest import Answer, Person, disk_ids, finish, nothing_recorded, path_of, person, stranger

pytestmark = pytest.mark.django_db

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


# --- names ------------------------------------------------------------------------------------------------------------

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


# --- disks and layouts ------------------------------------------------------------------------------------------------


def test_a_disk_twice(admin: Person, seen: list[str]) -> None:
    a, b, c, _ = seen[:4]
    with nothing_recorded():
        refused(create(admin, mirror(a, a)), "disk_twice", "vdevs")
        refused(create(admin, mirror(a, b), mirror(c, b)), "disk_twice", "vdevs")
        refused(create(admin, mirror(a, b), mirror(a, kind="stripe", role="spare")), "disk_twice", "vdevs")


def test_a_disk_of_another_pool(admin: Person, tank: Box) -> None:
    first, _, third = disk_ids(tank)[:3]
    with nothing_recorded():
        body = refused(create(admin, mirror(first, third)), "disk_in_use", "vdevs.0.disks")
        assert "tank" in body["title"] and body["hint"]
        refused(create(admin, mirror(first, third), force=True), "disk_in_use", "vdevs.0.disks")


def test_a_disk_with_a_file_system_takes_force(admin: Person, seen: list[str]) -> None:
    with nothing_recorded():
        body = refused(create(admin, mirror(seen[0], seen[15])), "disk_in_use", "vdevs.0.disks")
    assert "force" in body["hint"]
    forced = create(admin, mirror(seen[0], seen[15]), force=True)
    assert forced.status == 202
    assert any("lost" in words for words in forced.body["plan"]["warnings"])


@pytest.mark.parametrize("use", ["mounted", "swap", "lvm", "raid", "holder", "encrypted"])
def test_a_disk_in_use_does_not_yield_to_force(admin: Person, seen: list[str], use: str) -> None:
    from apps.storage.models import Disk

    Disk.objects.filter(pk=seen[0]).update(uses=[{"kind": use, "name": "/srv"}])
    with nothing_recorded():
        for force in (False, True):
            body = refused(create(admin, mirror(*seen[:2]), force=force), "disk_in_use", "vdevs.0.disks")
            assert "/srv" in body["title"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"system": True}, "system_disk"),
        ({"simulated": False}, "real_disk"),
        ({"read_only": True}, "disk_unusable"),
        ({"broken": True}, "disk_unusable"),
        ({"size": 64 * 1024 * 1024 - 1}, "disk_too_small"),
        ({"serial": "LAB0002"}, "duplicate_serial"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_disk_that_can_not_be_taken(admin: Person, seen: list[str], change: dict[str, Any], code: str) -> None:
    from apps.storage.models import Disk

    assert Disk.objects.filter(pk=seen[0]).update(**change) == 1
    field = "vdevs" if code == "duplicate_serial" else "vdevs.0.disks"
    with nothing_recorded():
        refused(create(admin, mirror(*seen[:2])), code, field)
    assert create(admin, mirror(*seen[2:4])).status == 202


def test_disks_of_unlike_sizes(admin: Person, seen: list[str]) -> None:
    with nothing_recorded():
        refused(create(admin, mirror(seen[0], seen[14])), "disk_too_small", "vdevs.0.disks")


@pytest.mark.parametrize(
    "disk", ["nothing", "/dev/sda", "../../etc", "-f", "lab0", "x" * 255, "wwn-0x5000c50000000001\n", "é"]
)
def test_an_unknown_disk(admin: Person, seen: list[str], disk: str) -> None:
    with nothing_recorded():
        refused(create(admin, mirror(seen[0], disk)), "unknown_disk", "vdevs.0.disks")


def test_layouts_that_make_no_pool(admin: Person, seen: list[str]) -> None:
    d = seen[:10]
    cases: list[tuple[list[dict[str, Any]], str, str]] = [
        ([mirror(d[0])], "too_few_disks", "vdevs.0.disks"),
        ([mirror(d[0], kind="raidz1")], "too_few_disks", "vdevs.0.disks"),
        ([mirror(*d[:2], kind="raidz2")], "too_few_disks", "vdevs.0.disks"),
        ([mirror(*d[:3], kind="raidz3")], "too_few_disks", "vdevs.0.disks"),
        ([mirror(*d[:2]), mirror(d[2], role="log")], "too_few_disks", "vdevs.1.disks"),
        ([mirror(*d[:2], role="log")], "no_data_vdev", "vdevs"),
        ([mirror(d[0], kind="stripe", role="spare")], "no_data_vdev", "vdevs"),
        ([mirror(d[0], kind="stripe", role="cache")], "no_data_vdev", "vdevs"),
        ([mirror(*d[:2]), mirror(*d[2:4], role="cache")], "role_type", "vdevs.1.type"),
        ([mirror(*d[:2]), mirror(*d[2:4], role="spare")], "role_type", "vdevs.1.type"),
        ([mirror(*d[:2]), mirror(*d[2:6], kind="raidz1", role="log")], "role_type", "vdevs.1.type"),
        ([mirror(*d[:2]), mirror(*d[2:5], kind="raidz1")], "mixed_vdevs", "vdevs"),
        ([mirror(*d[:2]), mirror(*d[2:5])], "mixed_vdevs", "vdevs"),
        ([mirror(*d[:2]), mirror(d[2], kind="stripe")], "mixed_vdevs", "vdevs"),
    ]
    with nothing_recorded():
        for vdevs, code, field in cases:
            refused(create(admin, *vdevs), code, field)
            refused(admin.post("/storage/pools?dry_run=true", {"name": "dozer", "vdevs": vdevs}), code, field)


def test_a_pool_of_that_name_exists(admin: Person, tank: Box) -> None:
    with nothing_recorded():
        refused(create(admin, mirror(*disk_ids(tank)[2:4]), name="tank"), "pool_exists", "name")


# --- confirmation, versions, idempotency ------------------------------------------------------------------------------


def test_destroying_needs_the_name_again(admin: Person, tank: Box) -> None:
    with nothing_recorded():
        for query in ("", "?confirm=", "?confirm=Tank", "?confirm=tank%20", "?confirm=true", "?confirm=other"):
            body = refused(admin.delete(f"/storage/pools/tank{query}"), "confirmation_needed", "confirm")
            assert "tank" in body["hint"]
    assert admin.delete("/storage/pools/tank?confirm=tank").status == 202


@pytest.mark.parametrize("name", ["nothing", "tank%20", "..%2Ftank", "-f", "%F0%9F%90%98", "tank%0a"])
def test_an_unknown_pool(admin: Person, tank: Box, name: str) -> None:
    with nothing_recorded():
        for answer in (
            admin.get(f"/storage/pools/{name}"),
            admin.delete(f"/storage/pools/{name}?confirm=x"),
            admin.post(f"/storage/pools/{name}/scrub", {}),
        ):
            assert answer.problem()["code"] in ("no_such_pool", "not_found") and answer.status == 404


def test_a_nul_in_the_address(admin: Person, tank: Box) -> None:
    with nothing_recorded():
        refused(admin.get("/storage/pools/ta%00nk"), "invalid_input")
        refused(admin.post("/storage/pools/ta%00nk/scrub", {}), "invalid_input")


def test_a_stale_version(admin: Person, tank: Box) -> None:
    tag = admin.get("/storage/pools/tank").headers["etag"]
    version = int(tag.strip('"'))
    with nothing_recorded():
        for wrong in (version - 1, version + 1, 0, 10**17):
            answer = admin.delete("/storage/pools/tank?confirm=tank", HTTP_IF_MATCH=f'"{wrong}"')
            refused(answer, "stale_version", "If-Match")
            refused(
                admin.post("/storage/pools/tank/scrub", {}, HTTP_IF_MATCH=f'"{wrong}"'), "stale_version", "If-Match"
            )
    assert admin.post("/storage/pools/tank/scrub", {}, HTTP_IF_MATCH=tag).status == 202


@pytest.mark.parametrize("garbage", ["x", '"x"', '"-1"', "1.5", '"1", "2"', '"٣"', "9" * 19, '"' * 64, '"1e3"'])
def test_a_garbled_version(admin: Person, tank: Box, garbage: str) -> None:
    with nothing_recorded():
        answer = admin.delete("/storage/pools/tank?confirm=tank", HTTP_IF_MATCH=garbage)
        refused(answer, "invalid_input", "If-Match")


def test_an_overlong_header(admin: Person, tank: Box) -> None:
    with nothing_recorded():
        refused(admin.post("/storage/scan", {}, HTTP_IF_MATCH="1" * 65), "invalid_input", "If-Match")
        refused(admin.post("/storage/scan", {}, HTTP_IDEMPOTENCY_KEY="k" * 256), "invalid_input", "Idempotency-Key")


def test_a_reused_idempotency_key(admin: Person, tank: Box) -> None:
    first = admin.post("/storage/pools/tank/scrub", {"reason": "monthly"}, HTTP_IDEMPOTENCY_KEY="k1")
    with nothing_recorded():
        again = admin.post("/storage/pools/tank/scrub", {"reason": "monthly"}, HTTP_IDEMPOTENCY_KEY="k1")
        assert (again.status, again.body["id"]) == (202, first.body["id"])
        for other in ({"reason": "yearly"}, {"action": "stop", "reason": "monthly"}):
            answer = admin.post("/storage/pools/tank/scrub", other, HTTP_IDEMPOTENCY_KEY="k1")
            body = refused(answer, "idempotency_key_reused", "Idempotency-Key")
            assert body["operation"] == first.body["id"]
        refused(admin.post("/storage/scan", {}, HTTP_IDEMPOTENCY_KEY="k1"), "idempotency_key_reused")
    somebody_else = person(Role.OPERATOR)
    assert somebody_else.post("/storage/scan", {}, HTTP_IDEMPOTENCY_KEY="k1").status == 202


def test_a_key_that_destroyed_once_does_not_destroy_a_new_pool(admin: Person, tank: Box) -> None:
    gone = admin.delete("/storage/pools/tank?confirm=tank", HTTP_IDEMPOTENCY_KEY="k2")
    finish(gone.body["id"])
    with nothing_recorded():
        again = admin.delete("/storage/pools/tank?confirm=tank", HTTP_IDEMPOTENCY_KEY="k2")
    assert (again.body["id"], again.body["state"]) == (gone.body["id"], "succeeded")


# --- shape ------------------------------------------------------------------------------------------------------------

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
    ({"vdevs": [{"type": "mirror", "disks": ["a", "b"], "role": "special"}]}, "vdevs.0.role"),
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


# --- queries ----------------------------------------------------------------------------------------------------------

LISTS = ["/storage/disks", "/storage/pools", "/operations", "/audit/events", "/auth/tokens"]


def cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


BAD_PAGES: list[tuple[str, str | None]] = [
    ("limit=0", "limit"),
    ("limit=501", "limit"),
    ("limit=-1", "limit"),
    ("limit=x", "limit"),
    ("limit=", "limit"),
    ("limit=1.5", "limit"),
    ("limit=" + "9" * 5000, "limit"),
    ("order=nothing", "order"),
    ("order=--id", "order"),
    ("order=pk", "order"),
    ("order=id__in", "order"),
    ("order=%00", "order"),
    ("order=" + "x" * 65, "order"),
    ("cursor=x", "cursor"),
    ("cursor=%00", "cursor"),
    ("cursor=%F0%9F%90%98", "cursor"),
    ("cursor=" + "x" * 1001, "cursor"),
    ("cursor=" + cursor({}), "cursor"),
    ("cursor=" + cursor([]), "cursor"),
    ("cursor=" + cursor([1, 2, 3]), "cursor"),
    ("cursor=" + cursor("ab"), None),
    ("cursor=" + cursor([None, None]), None),
    ("cursor=" + cursor([{"a": 1}, [1]]), None),
    ("cursor=" + cursor(["\x00", "\x00"]), None),
    ("cursor=" + cursor([10**300, 10**300]), None),
    ("cursor=" + cursor(["9999-12-31T23:59:59-23:59", "x"]), None),
]


@pytest.mark.parametrize("path", LISTS)
def test_a_bad_page(admin: Person, tank: Box, path: str, subtests: Any) -> None:
    for query, field in BAD_PAGES:
        with subtests.test(query[:40]), nothing_recorded():
            answer = admin.get(f"{path}?{query}")
            if field is not None:
                refused(answer, "invalid_input", field)
            elif answer.status != 200:  # some lists are ordered by a text, which that is
                refused(answer, "invalid_input")


BAD_FILTERS: list[tuple[str, str | None]] = [
    ("after=-1", "after"),
    ("after=x", "after"),
    ("after=" + str(2**62 + 1), "after"),
    ("since=yesterday", "since"),
    ("until=2026-13-01", "until"),
    ("since=%00", "since"),
    ("operation=7", "operation"),
    ("operation=" + "0" * 33, "operation"),
    ("type=" + "x" * 201, "type"),
    ("type=%00", "type"),
    ("stream=%00", "stream"),
    ("actor=a%00", "actor"),
    ("since=0001-01-01T00:00:00%2B23:00", None),
    ("until=9999-12-31T23:59:59-23:00", None),
]


def test_bad_filters_of_events(admin: Person, tank: Box, subtests: Any) -> None:
    for query, field in BAD_FILTERS:
        with subtests.test(query[:40]), nothing_recorded():
            refused(admin.get(f"/audit/events?{query}"), "invalid_input", field)


@pytest.mark.parametrize(
    "harmless", ["type=%25", "type=_", "stream=x' OR 1=1--", "actor=\\", "type=st%C3%B6rage", "kind=none"]
)
def test_filters_that_match_nothing(admin: Person, tank: Box, harmless: str) -> None:
    answer = admin.get(f"/audit/events?{harmless}")
    assert (answer.status, answer.body) == (200, {"items": [], "next": None})


def test_a_bad_wait(admin: Person, tank: Box, subtests: Any) -> None:
    for wait in ("-1", "301", "nan", "inf", "x", ""):
        with subtests.test(wait), nothing_recorded():
            refused(admin.post(f"/storage/scan?wait={wait}", {}), "invalid_input", "wait")
            refused(admin.get(f"/operations/0189dcc1-0000-7000-8000-000000000000?wait={wait}"), "invalid_input", "wait")


@pytest.mark.parametrize("bad", ["x", "7", "0189dcc1", "g" * 32, "%00", "..", "0189dcc1-0000-7000-8000-00000000000g"])
def test_bad_uuids(admin: Person, db: None, bad: str) -> None:
    with nothing_recorded():
        for answer in (
            admin.get(f"/operations/{bad}"),
            admin.post(f"/operations/{bad}/cancel", {}),
            admin.delete(f"/auth/tokens/{bad}"),
        ):
            assert answer.problem()["code"] in ("invalid_input", "not_found", "method_not_allowed")


def test_uuids_of_nothing(admin: Person, db: None) -> None:
    nothing = "0189dcc1-0000-7000-8000-000000000000"
    with nothing_recorded():
        refused(admin.get(f"/operations/{nothing}"), "not_found")
        refused(admin.post(f"/operations/{nothing}/cancel", {}), "not_found")
        refused(admin.delete(f"/auth/tokens/{nothing}"), "not_found", "token_id")


@pytest.mark.parametrize("path", ["/nothing", "/", "/storage", "/storage/pools/", "/storage/pools/a/b", "/auth/me/x"])
def test_an_unknown_address(admin: Person, db: None, path: str) -> None:
    refused(admin.get(path), "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/storage/pools/tank", "DELETE, GET"),
        ("PATCH", "/storage/pools", "GET, POST"),
        ("DELETE", "/storage/pools", "GET, POST"),
        ("GET", "/storage/scan", "POST"),
        ("POST", "/health", "GET"),
        ("DELETE", "/audit/events", "GET"),
        ("POST", "/audit/events", "GET"),
        ("PUT", "/auth/me", "GET"),
        ("OPTIONS", "/auth/me", "GET"),
        ("TRACE", "/auth/me", "GET"),
        ("FOO", "/auth/me", "GET"),
    ],
)
def test_wrong_methods(admin: Person, db: None, method: str, path: str, allowed: str) -> None:
    with nothing_recorded():
        answer = admin.ask(method, path)
        refused(answer, "method_not_allowed")
        assert sorted(answer.headers["allow"].split(", ")) == allowed.split(", ")


# --- the state of things ----------------------------------------------------------------------------------------------


def test_an_operation_that_has_ended_is_not_cancelled(admin: Person, tank: Box) -> None:
    operation = admin.post("/storage/scan", {}).body["id"]
    finish(operation)
    with nothing_recorded():
        refused(admin.post(f"/operations/{operation}/cancel", {}), "operation_finished")


def test_a_suspended_pool_is_not_scrubbed(admin: Person, box: Box) -> None:
    first = disk_ids(box)[0]
    box.ok("zpool", "create", "single", path_of(first))
    box.disk(break_, first)
    observe()
    with nothing_recorded():
        refused(admin.post("/storage/pools/single/scrub", {}), "pool_suspended")


def test_what_the_tool_refuses_is_an_operation_that_failed_with_its_words(admin: Person, tank: Box) -> None:
    before = store.position()
    answer = admin.post("/storage/pools/tank/scrub", {"action": "stop"})
    assert answer.status == 202
    finish(answer.body["id"])
    operation = admin.get(f"/operations/{answer.body['id']}").body
    assert operation["state"] == "failed"
    assert operation["error"]["code"] == "not_scrubbing"
    assert "there is no active scrub" in operation["error"]["detail"]
    assert operation["error"]["hint"]
    assert store.position() > before


def test_every_code_of_the_table_is_met_by_a_test() -> None:
    """So that the table does not promise what nobody has seen."""
    from pathlib import Path

    text = "".join(path.read_text() for path in Path(__file__).parent.parent.glob("*/test_*.py"))
    for code in CODES:
        assert text.count(f'"{code}"') > 1, code
