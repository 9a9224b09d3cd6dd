"""A pool of the lab that commands are tried on over REST, and what they must leave behind."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.observe.scan import observe
from calypso.kernel import box as kernel_box
from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.storage.test_projections import looked_at, pool_rows
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, finish, person, types_after

NOW = 1_795_412_010.0
OTHERS = ("Operation", "Step", "Dataset", "Alert")
LASTING = {"now": NOW, "work_seconds": 1000, "scrub_seconds": 1000, "resilver_seconds": 0}


COMMANDS = {
    "": "storage.CreatePool",
    "/add": "storage.AddVdevs",
    "/attach": "storage.AttachDisk",
    "/detach": "storage.DetachDisk",
    "/replace": "storage.ReplaceDisk",
    "/remove": "storage.RemoveVdev",
    "/offline": "storage.OfflineDisk",
    "/online": "storage.OnlineDisk",
    "/clear": "storage.ClearPool",
    "/expand": "storage.ExpandPool",
    "/trim": "storage.TrimPool",
    "/initialize": "storage.InitializePool",
    "/checkpoint": "storage.CheckpointPool",
    "/upgrade": "storage.UpgradePool",
    "/export": "storage.ExportPool",
    "find": "storage.FindPools",
    "import": "storage.ImportPool",
    "PATCH": "storage.SetPoolProperties",
}


class Story:
    """An administrator at a box whose clock stands still."""

    def __init__(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        self.box, self.patch, self.admin = box, monkeypatch, person(Role.ADMINISTRATOR)
        self.disks = disk_ids(box)

    def does(self, verb: str, body: dict[str, Any], *, pool: str = "tank", method: str = "POST") -> list[str]:
        """Asks, first for a dry run. Returns the types of storage's events that its success recorded."""
        path = f"/storage/pools/{pool}{verb}".removesuffix("/")
        dry = self.admin.ask(method, f"{path}?dry_run=true", body)
        assert dry.status == 200, dry
        before = store.position()
        asked = self.admin.ask(method, path, body)
        assert asked.status == 202, asked
        assert asked.body["plan"]["steps"] == dry.body["steps"]
        assert asked.body["command"] == COMMANDS["PATCH" if method == "PATCH" else verb]
        operation = self.finished(asked.body["id"])
        assert operation["state"] == "succeeded", operation["error"]
        assert {name: row for name, row in pool_rows().items() if row["state"] != "MISSING"} == looked_at()
        return [told for told in types_after(before) if not told.startswith(OTHERS)]

    def finished(self, operation: str) -> dict[str, Any]:
        """Its end, without the scan that would come after it and hide what its events lack."""
        with self.patch.context() as patch:
            patch.setattr(kernel_box, "observe", lambda _: None)
            finish(operation)
        body: dict[str, Any] = self.admin.get(f"/operations/{operation}").body
        return body

    def refused(self, verb: str, body: dict[str, Any], code: str) -> dict[str, Any]:
        """What a refusal says, before anything is recorded."""
        answer = self.admin.post(f"/storage/pools/tank{verb}", body)
        assert (answer.status >= 400, answer.code) == (True, code), answer
        return dict(answer.body)

    def fails(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """An operation that was taken on, and fails."""
        asked = self.admin.post(f"/storage/pools/tank{verb}", body)
        assert asked.status == 202, asked
        operation = self.finished(asked.body["id"])
        assert operation["state"] == "failed"
        return operation

    def later(self, seconds: float = 2000) -> None:
        self.box.advance(seconds)
        observe()

    def pool(self, name: str = "tank") -> dict[str, Any]:
        body: dict[str, Any] = self.admin.get(f"/storage/pools/{name}").body
        return body

    def leaf(self, at: int, vdev: int = 0, role: str = "data") -> dict[str, Any]:
        found: dict[str, Any] = self.pool()["layout"][role][vdev]["children"][at]
        return found


@pytest.fixture
def story(tank: Box, monkeypatch: pytest.MonkeyPatch) -> Story:
    tank.options(**LASTING)
    return Story(tank, monkeypatch)
