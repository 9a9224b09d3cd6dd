"""Steps that edit a file: on record with their diff, taken back with the others, found again after a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calypso.home import Home
from calypso.kernel import executor, files, store
from calypso.kernel.models import Operation
from tests.support.deeds import CONF, Deeds, Killer, end_of, execute, forked, ran, types

pytestmark = pytest.mark.process
BEFORE = "# theirs, secret-of-others\nline = old\n"


@pytest.fixture
def conf(tmp_path: Path, settings: Any) -> Path:
    settings.CALYPSO_BOX_ROOT, settings.HOME = tmp_path / "root", Home(settings.HOME.root)
    path = tmp_path / "root" / CONF.lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text(BEFORE)
    return path


def states(operation: Operation) -> list[str]:
    return [step["state"] for step in operation.steps]


def test_a_file_is_edited_and_the_ledger_has_the_lines_and_nothing_else_of_it(conf: Path, deeds: Deeds) -> None:
    operation = ran(deeds.ask("a", writes="new"))
    assert (operation.state, states(operation)) == ("succeeded", ["done", "done"])
    assert conf.read_text() == "# theirs, secret-of-others\nline = new\n"
    assert operation.plan["steps"][0]["diff"].splitlines()[-2:] == ["-line = old", "+line = new"]
    assert (operation.steps[0]["kind"], operation.steps[0]["call"]) == ("write", f"write {CONF}")
    ledger = b"".join(bytes(row[0]) for row in store.query("SELECT state FROM ledger.event"))
    assert b"+line = new" in ledger and b"secret-of-others" not in ledger


def test_a_later_failure_takes_it_back(conf: Path, deeds: Deeds) -> None:
    deeds.tell("a.do.fails", "no")
    operation = ran(deeds.ask("a", writes="new"))
    assert (operation.state, states(operation)) == ("failed", ["undone", "failed"])
    assert operation.steps[0]["undo"]["call"] == f"restore {CONF}"
    assert conf.read_text() == BEFORE
    assert types()[-2:] == ["StepUndone", "OperationFailed"]


def test_what_somebody_wrote_meanwhile_is_not_overwritten_by_taking_it_back(conf: Path, deeds: Deeds) -> None:
    deeds.tell("a.do.fails", "no")
    write = files.write

    def and_then(step: Any, **more: Any) -> None:
        write(step, **more)
        conf.write_text("mine\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "write", and_then)
        operation = ran(deeds.ask("a", writes="new"))
    assert (operation.state, states(operation)) == ("failed", ["undo failed", "failed"])
    assert conf.read_text() == "mine\n" and "somebody else" in operation.steps[0]["undo"]["stderr"]


def test_a_file_changed_since_the_plan_makes_it_stale(conf: Path, deeds: Deeds) -> None:
    operation = deeds.ask("a", writes="new")
    conf.write_text("# more\nline = old\n")
    ran(operation)
    assert (operation.state, operation.error["code"]) == ("failed", "stale_plan")
    assert conf.read_text() == "# more\nline = old\n" and deeds.effects == []


def test_a_refusal_ends_the_operation_by_its_name(conf: Path, deeds: Deeds, monkeypatch: Any) -> None:
    def refuses(*_: Any, **__: Any) -> None:
        raise files.FileRefused(f"{CONF} can't be written: read-only.", code="read_only_filesystem")

    monkeypatch.setattr(files, "write", refuses)
    operation = ran(deeds.ask("a", writes="new"))
    assert (operation.state, operation.error["code"]) == ("failed", "read_only_filesystem")
    assert (states(operation), deeds.effects, conf.read_text()) == (["failed", "waiting"], [], BEFORE)


@pytest.mark.parametrize("fails", [False, True])
def test_killed_at_each_moment_the_file_is_edited_once_or_taken_back(
    conf: Path, deeds: Deeds, fresh_database: str, fails: bool
) -> None:
    if fails:
        deeds.tell("a.do.fails", "no")

    def work(at: int) -> None:
        killer = Killer(at)
        killer.watch()
        killer.around(files, "put")
        executor.run(str(operation.pk))

    at, killed = 1, True
    while killed:
        conf.write_text(BEFORE)
        (deeds.folder / "effects").unlink(missing_ok=True)
        operation = deeds.ask("a", writes="new")
        killed = end_of(forked(lambda: work(at))) != 0  # noqa: B023  at once
        ended = execute(operation)
        assert ended.state == ("failed" if fails else "succeeded"), at
        assert conf.read_text() == (BEFORE if fails else BEFORE.replace("old", "new")), at
        assert states(ended)[0] in (("undone",) if fails else ("done", "observed")), at
        assert [path.name for path in conf.parent.iterdir() if "calypso" not in path.name] == ["deed.conf"]
        at += 1
    assert at > 12
