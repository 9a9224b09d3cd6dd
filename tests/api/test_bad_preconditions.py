"""Confirmation, versions, idempotency and the state of things: what is refused at one time and not at another."""

from __future__ import annotations

import pytest

from apps.storage.observe.scan import observe
from calypso.kernel import store
from calypso.kernel.actors import Role
from calypso.lab.happenings import break_
from tests.support.bad_input import refused
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, finish, nothing_recorded, path_of, person

pytestmark = pytest.mark.django_db


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
