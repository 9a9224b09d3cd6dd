"""File systems and volumes: made, changed, named anew, promoted and destroyed; who uses them, and how much."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Refused
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

GIB, MIB = 1024**3, 1024**2


@pytest.mark.row("ST 8")
def test_properties_tell_where_they_come_from(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a", properties={"compression": "zstd", "quota": "200M"})
    child = box.create_dataset(f"{pool}/a/b")
    assert child["properties"]["compression"] == {"value": "zstd", "source": "inherited", "from": f"{pool}/a"}
    assert child["properties"]["recordsize"]["source"] == "default"
    box.change_dataset(child, properties={"compression": "gzip-1", "reservation": "10M"})
    changed = box.dataset(f"{pool}/a/b")["properties"]
    assert (changed["compression"]["value"], changed["compression"]["source"]) == ("gzip-1", "local")
    box.change_dataset(child, inherit=["compression"])
    assert ground.ok("zfs", "get", "-H", "-o", "value,source", "compression", f"{pool}/a/b").split("\t")[0] == "zstd"
    assert ground.ok("zfs", "get", "-Hp", "-o", "value", "quota", f"{pool}/a").strip() == str(200 * MIB)


@pytest.mark.row("ST 8")
@pytest.mark.parametrize(
    ("properties", "code"),
    [({"compression": "best"}, "bad_value"), ({"colour": "red"}, "unknown_property"), ({"quota": "much"}, "bad_size")],
)
def test_bad_properties_are_refused_at_their_field(
    box: Box, make_pool: MakePool, properties: dict[str, str], code: str
) -> None:
    pool = make_pool()["name"]
    with pytest.raises(Refused) as refused:
        box.create_dataset(f"{pool}/a", properties=properties)
    assert refused.value.code == code
    assert next(iter(properties)) in str(refused.value.field)


@pytest.mark.row("ST 8")
def test_a_volume_is_made_and_grows(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    volume = box.create_dataset(f"{pool}/lun", type="volume", volsize=64 * MIB)
    assert (volume["type"], volume["volsize"]) == ("volume", 64 * MIB)
    box.change_dataset(volume, properties={"volsize": "96M"})
    assert box.dataset(f"{pool}/lun")["volsize"] == 96 * MIB
    with pytest.raises(Refused) as refused:
        box.change_dataset(volume, properties={"volsize": "32M"})
    assert refused.value.code == "confirmation_needed"
    assert ground.ok("zfs", "get", "-Hp", "-o", "value", "volsize", f"{pool}/lun").strip() == str(96 * MIB)


@pytest.mark.row("ST 8")
def test_a_clone_is_promoted_and_renamed(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a")
    box.snapshot([f"{pool}/a"], "base")
    box.ask("POST", "/storage/snapshots/clone", {"snapshot": f"{pool}/a@base", "name": f"{pool}/c"})
    clone = box.dataset(f"{pool}/c")
    assert clone["origin"] == f"{pool}/a@base"
    box.ask("POST", f"/storage/datasets/{clone['id']}/promote", {})
    assert box.until(lambda: box.dataset(f"{pool}/a")["origin"] == f"{pool}/c@base", "the two have changed places")
    box.ask("POST", f"/storage/datasets/{clone['id']}/rename", {"name": f"{pool}/d"})
    assert box.dataset(f"{pool}/d")["id"] == clone["id"]
    assert not box.has_dataset(f"{pool}/c")


@pytest.mark.row("ST 8")
@pytest.mark.row("complaint: destroy")
def test_destroying_a_dataset_says_all_that_goes_with_it(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    dataset = box.create_dataset(f"{pool}/a")
    box.create_dataset(f"{pool}/a/b")
    box.snapshot([f"{pool}/a"], "s", recursive=True)
    path = f"/storage/datasets/{dataset['id']}"
    with pytest.raises(Refused) as refused:
        box.plan("DELETE", path)
    assert refused.value.code == "has_children"
    plan = box.plan("DELETE", path, recursive="true")
    assert set(plan["destroys"]["names"]) >= {f"{pool}/a", f"{pool}/a/b", f"{pool}/a@s", f"{pool}/a/b@s"}
    with pytest.raises(Refused) as unconfirmed:
        box.ask("DELETE", path, recursive="true")
    assert unconfirmed.value.code == "confirmation_needed"
    box.ask("DELETE", path, confirm=f"{pool}/a", recursive="true")
    assert not box.has_dataset(f"{pool}/a")
    assert ground.run(["zfs", "list", f"{pool}/a"]).code == 1


@pytest.mark.row("ST 8")
def test_users_and_groups_have_quotas(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    dataset = box.create_dataset(f"{pool}/home")
    path = f"/storage/datasets/{dataset['id']}/quotas"
    wish = [{"kind": "user", "who": "1000", "space": "50M"}, {"kind": "group", "who": "100", "objects": 500}]
    box.ask("PUT", path, {"quotas": wish})
    assert ground.ok("zfs", "get", "-Hp", "-o", "value", "userquota@1000", f"{pool}/home").strip() == str(50 * MIB)
    ground.write(f"{pool}/home", 2 * MIB)

    def used() -> bool:
        """ZFS counts what was written a few seconds later."""
        box.ask("POST", f"{path}/scan", {})
        return any(row["used"] >= MIB for row in box.get(path)["usage"]["items"])

    box.until(used, "what somebody uses")
    box.ask("PUT", path, {"quotas": wish[:1]})
    assert ground.ok("zfs", "get", "-Hp", "-o", "value", "groupobjquota@100", f"{pool}/home").strip() in (
        "0",
        "none",
        "-",
    )


@pytest.mark.row("ST 7")
def test_a_dataset_in_use_says_who_holds_it(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    dataset = box.create_dataset(f"{pool}/a")
    path = f"/storage/datasets/{dataset['id']}"
    with ground.busy(f"{pool}/a"):
        used = box.until(
            lambda: [by for by in box.get(f"{path}/used-by") if by["kind"] == "process"], "the process is seen"
        )
        assert "sleep" in str(used)
        with pytest.raises(Refused) as refused:
            box.ask("POST", f"{path}/unmount", {})
        assert refused.value.code == "dataset_busy"
    box.ask("POST", "/storage/scan", {})  # that it was let go is seen at the next look
    box.ask("POST", f"{path}/unmount", {})
    assert box.until(lambda: not box.dataset(f"{pool}/a")["mounted"], "it is unmounted")
    box.ask("POST", f"{path}/mount", {})


@pytest.mark.row("ST 16")
def test_a_dataset_shows_everything_that_uses_it(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    dataset = box.create_dataset(f"{pool}/a")
    box.create_dataset(f"{pool}/a/b")
    box.snapshot([f"{pool}/a"], "s")
    box.ask("POST", "/storage/snapshots/hold", {"snapshots": [f"{pool}/a@s"], "tag": "keep"})
    box.ask("POST", "/storage/snapshots/clone", {"snapshot": f"{pool}/a@s", "name": f"{pool}/c"})
    schedule = box.schedule(f"{pool}", dataset=f"{pool}/a")
    try:
        used = {(by["kind"], by["name"]) for by in box.get(f"/storage/datasets/{dataset['id']}/used-by")}
        assert {("dataset", f"{pool}/a/b"), ("clone", f"{pool}/c"), ("hold", f"{pool}/a@s")} <= used
        assert ("schedule", schedule) in used and ("mount", f"{pool}/a") in used
    finally:
        box.ask("DELETE", f"/storage/schedules/{schedule}", confirm=schedule)
