"""A pool is destroyed by who types its name, after being told what goes with it."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Refused
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground


@pytest.mark.smoke
@pytest.mark.row("complaint: destroy")
def test_destroying_a_pool_takes_its_name_typed(box: Box, ground: Ground, make_pool: MakePool) -> None:
    name = make_pool()["name"]
    path = f"/storage/pools/{name}"
    plan = box.plan("DELETE", path)
    assert plan["confirm"] == name
    assert name in plan["destroys"]["names"]
    for typed in (None, "another"):
        with pytest.raises(Refused) as refused:
            box.ask("DELETE", path, confirm=typed)
        assert refused.value.code == "confirmation_needed"
    assert ground.run(["zpool", "list", name]).code == 0
    box.ask("DELETE", path, confirm=name)
    assert ground.run(["zpool", "list", name]).code == 1
    assert not box.has_pool(name)
