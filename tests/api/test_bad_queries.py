"""Bad pages, filters, waits, ids, addresses and methods: a problem with a stable code, never a 500."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.bad_input import refused
from tests.support.lab_box import Box
from tests.support.rest import Person, nothing_recorded

pytestmark = pytest.mark.django_db

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
        ("PUT", "/storage/pools/tank", "DELETE, GET, PATCH"),
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
