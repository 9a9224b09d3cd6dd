"""Scans of datasets whose tools fail or are cut off: nothing vanishes."""

from __future__ import annotations

from typing import Any

import pytest

from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Snapshot
from apps.storage.observe import datasets as module
from apps.storage.observe.scan import observe
from calypso.kernel import shell, store
from calypso.kernel.errors import ToolTimeout
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, path_of, types_after

pytestmark = pytest.mark.django_db


def fails(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], result: Any) -> None:
    """Commands that have all these words end so."""
    run = shell.run

    def broken(argv: Any, **more: Any) -> shell.Result:
        if all(word in argv for word in words):
            if isinstance(result, Exception):
                raise result
            done = run(argv, **more)
            return shell.Result(done.argv, result[0], result[1](done.stdout), result[2], 0, "", 0)
        return run(argv, **more)

    monkeypatch.setattr(shell, "run", broken)


CUT = (0, lambda text: text[: len(text) * 2 // 3], "")


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("list", "filesystem,volume"), (1, lambda text: "", "cannot open 'tank': I/O error\n")),
        (("list", "filesystem,volume"), (0, lambda text: "", "")),
        (("list", "filesystem,volume"), CUT),
        (("list", "filesystem,volume"), (-9, lambda text: text, "")),
        (("list", "filesystem,volume"), ToolTimeout("slow")),
        (("get",), (1, lambda text: "", "internal error\n")),
        (("get",), CUT),
        (("list", "snapshot,bookmark"), (1, lambda text: "", "cannot open 'tank': I/O error\n")),
        (("list", "snapshot,bookmark"), CUT),
        (("holds",), (1, lambda text: "", "internal error\n")),
        (("zpool", "status"), CUT),
        (("zpool", "status"), (1, lambda text: "", "internal error\n")),
        (("zpool", "list"), CUT),
        (("zpool", "list"), (0, lambda text: "", "")),
    ],
)
def test_a_tool_that_fails_or_is_cut_off_makes_nothing_vanish(
    data: Box, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], result: Any
) -> None:
    data.ok("zfs", "snapshot", "-r", "tank@one")
    data.ok("zfs", "hold", "keep", "tank@one")
    observe()
    fails(monkeypatch, words, result)
    before = store.position()
    observe()
    assert set(types_after(before)) <= {"ZfsHealthChanged"}
    assert not Dataset.objects.filter(missing=True).exists() and Snapshot.objects.count() == 4


def test_a_pool_that_can_not_be_listed_does_not_hide_the_others(data: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    data.ok("zpool", "create", "other", path_of(disk_ids(data)[4]))
    observe()
    data.ok("zfs", "create", "other/new")
    run = shell.run

    def broken(argv: Any, **more: Any) -> shell.Result:
        done = run(argv, **more)
        if "filesystem,volume" in argv and "tank" in argv:
            return shell.Result(done.argv, 1, "", "cannot open 'tank': pool I/O is currently suspended\n", 0, "", 0)
        return done

    monkeypatch.setattr(shell, "run", broken)
    before = store.position()
    observe()
    assert types_after(before) == ["DatasetsDiscovered", "DatasetsAdopted"]


def test_a_suspended_pools_datasets_are_not_asked_for_and_stay(data: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    from calypso.lab.happenings import break_

    for disk in ("lab0", "lab1"):
        data.disk(break_, disk)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the tool would hang")

    monkeypatch.setattr(module, "_read", refuse)
    before = store.position()
    observe()
    assert "PoolDegraded" in types_after(before)
    assert not Dataset.objects.filter(missing=True).exists()
