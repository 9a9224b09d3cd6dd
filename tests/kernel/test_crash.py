"""The crash rule: a worker is killed at every moment that matters; the operation then ends with the truth.

Each executor is a process of its own, forked from here, which sends itself SIGKILL at the n-th moment: before and after
each transaction, inside of it, before and after each tool (see tests.support.deeds.Killer).
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ

from apps.storage.commands.pools import CreatePool, DestroyPool
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.observe.scan import observe
from calypso.kernel import box, commands, executor, queue, store
from calypso.kernel.errors import CalypsoError
from calypso.kernel.locks import is_held
from calypso.kernel.models import Operation
from tests.support.appliance import wait_for
from tests.support.deeds import ADMIN, Deeds, end_of, execute, execute_until_killed, forked

pytestmark = pytest.mark.process

MOMENTS = 100  # more than any of these plans has


def facts(operation: Operation) -> Counter[str]:
    """How often each type of event was recorded since the operation was asked for."""
    rows = store.query("SELECT type FROM ledger.event WHERE position >= %s", [operation.position])
    return Counter(row[0].split(".")[1] for row in rows)


def resumed(operation: Operation) -> Operation:
    """What the worker does next: it finds what nobody has in hand, and carries it out in a new process."""
    OrmQ.objects.all().delete()  # the row may be lost as well
    queue.revive()
    operation.refresh_from_db()
    rows = list(OrmQ.objects.values_list("payload", flat=True))
    assert rows == ([] if operation.finished else [str(operation.pk)])
    return execute(operation)


def each_moment(ask: Callable[[int], Operation], check: Callable[[Operation, int], None], *, first: int = 1) -> int:
    """Kills a new operation at its first, second, third … moment until it runs through. How many moments there were."""
    for moment in range(first, MOMENTS):
        operation = ask(moment)
        whole = execute_until_killed(operation, moment)
        check(resumed(operation), moment)
        if whole:
            return moment - 1
    raise AssertionError("it never ran through")


class Each:
    """A folder of deeds for each moment."""

    def __init__(self, deeds: Deeds) -> None:
        self.top, self.deeds = deeds.folder, deeds

    def new(self, name: Any) -> Deeds:
        self.deeds = Deeds(self.top / str(name))
        self.deeds.folder.mkdir()
        return self.deeds


def check_success(operation: Operation, deeds: Deeds) -> None:
    assert (operation.state, operation.error) == ("succeeded", None)
    assert deeds.effects == ["do a", "do b", "do c"], "each effect once, in order"
    assert [step["state"] for step in operation.steps if step["state"] not in ("done", "observed")] == []
    told = facts(operation)
    assert (told["OperationStarted"], told["OperationSucceeded"], told["DeedsDone"]) == (1, 1, 1), told
    assert told["StepFinished"] == 3, told
    assert 3 <= told["StepStarted"] <= 4, "at most the one that was in hand is started anew"


def test_killed_at_each_moment_an_operation_does_everything_once(deeds: Deeds, fresh_database: str) -> None:
    each, observed = Each(deeds), Counter[str]()
    locks = Path(executor.queue.settings.HOME.operations)
    before = set(locks.iterdir())

    def check(operation: Operation, moment: int) -> None:
        check_success(operation, each.deeds)
        observed.update(step["state"] for step in operation.steps)

    moments = each_moment(lambda n: each.new(n).ask("a", "b", "c"), check)
    assert moments >= 8 * 4 + 3 * 2, "four a recording, two a tool"
    # after each tool there are three moments until its end is on record: these, and only these, are observed
    assert observed["observed"] == 3 * 4
    assert set(locks.iterdir()) <= before, "no lock is left"


def test_killed_at_each_moment_what_stays_done_is_recorded_once(deeds: Deeds, fresh_database: str) -> None:
    each = Each(deeds)

    def check(operation: Operation, moment: int) -> None:
        assert operation.state == "succeeded"
        assert each.deeds.effects == ["do a", "do b", "do c"]
        assert facts(operation)["DeedsDone"] == 4, "one a step, and one of the whole"

    assert each_moment(lambda moment: each.new(moment).ask("a", "b", "c", records=True), check) > 30


def test_killed_at_each_moment_a_failing_operation_takes_everything_back_once(
    deeds: Deeds, fresh_database: str
) -> None:
    each = Each(deeds)

    def ask(moment: int) -> Operation:
        each.new(moment).tell("c.do.fails", "no more room")
        return each.deeds.ask("a", "b", "c")

    def check(operation: Operation, moment: int) -> None:
        assert (operation.state, operation.error["code"]) == ("failed", "deed_failed"), moment
        assert operation.error["detail"] == "no more room"
        assert each.deeds.effects == ["do a", "do b", "undo b", "undo a"], moment
        assert [step["state"] for step in operation.steps] == ["undone", "undone", "failed"], moment
        told = facts(operation)
        assert (told["OperationFailed"], told["StepUndone"], told["DeedsDone"]) == (1, 2, 0), (moment, told)

    until_the_third_step = 4 * 5 + 2 * 2  # like those of success
    assert each_moment(ask, check, first=until_the_third_step) >= 10 * 4 + 5 * 2


def test_killed_at_each_moment_a_cancelled_operation_is_taken_back_once(deeds: Deeds, fresh_database: str) -> None:
    each = Each(deeds)

    def ask(moment: int) -> Operation:
        each.new(moment)
        operation = each.deeds.ask("a", "b", "c")
        execute_until_killed(operation, 4 * 5 + 2 * 2)  # two steps are done
        assert commands.cancel(operation, ADMIN).state == "running"
        assert each.deeds.effects == ["do a", "do b"]
        return operation

    def check(operation: Operation, moment: int) -> None:
        assert operation.state == "cancelled", moment
        assert each.deeds.effects == ["do a", "do b", "undo b", "undo a"], moment
        assert facts(operation)["OperationCancelled"] == 1

    assert each_moment(ask, check) >= 3 * 4 + 2 * 2


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_it_still_ends_well(deeds: Deeds, fresh_database: str, seed: int) -> None:
    operation, chance = deeds.ask("a", "b", "c"), random.Random(seed)
    for attempt in count(1):
        if execute_until_killed(operation, chance.randint(1, 9)):
            break
        assert attempt < 200
    operation.refresh_from_db()
    assert operation.state == "succeeded"
    assert deeds.effects == ["do a", "do b", "do c"]
    told = facts(operation)
    assert (told["OperationStarted"], told["OperationSucceeded"], told["DeedsDone"]) == (1, 1, 1)
    assert attempt > 3


def test_a_call_is_repeated_after_a_crash(deeds: Deeds, fresh_database: str) -> None:
    each = Each(deeds)

    def check(operation: Operation, moment: int) -> None:
        assert (operation.state, each.deeds.effects) == ("succeeded", ["do a"])
        assert (each.deeds.folder / "called").exists()

    each_moment(lambda n: each.new(n).ask("a", call="deeds.call"), check, first=4 * 3 + 2)


def test_a_tool_that_outlives_its_worker_is_waited_for(deeds: Deeds, fresh_database: str) -> None:
    deeds.tell("b.stubborn")
    waits = deeds.tell("b.waits")
    operation = deeds.ask("a", "b", "c")
    worker = forked(lambda: executor.run(str(operation.pk)))
    wait_for(lambda: "b do started" in deeds.log, 10, "the tool runs")
    os.kill(worker, signal.SIGKILL)
    assert end_of(worker) == -signal.SIGKILL
    assert is_held(operation.pk), "the tool ignores SIGTERM and has the lock"
    for _ in range(2):
        assert execute(operation).state == "running"
    OrmQ.objects.all().delete()
    queue.revive()
    assert not OrmQ.objects.exists(), "there is nothing to do yet"
    assert deeds.log == ["a do started", "b do started"]
    waits.unlink()
    wait_for(lambda: not is_held(operation.pk), 10, "the tool ends")
    resumed(operation)
    operation.refresh_from_db()
    check_success(operation, deeds)
    assert [step["state"] for step in operation.steps] == ["done", "observed", "done"]
    assert deeds.log == ["a do started", "b do started", "c do started"], "never started again"


def test_a_tool_that_ends_with_its_worker_is_started_again(deeds: Deeds, fresh_database: str) -> None:
    waits = deeds.tell("b.waits")
    operation = deeds.ask("a", "b", "c")
    worker = forked(lambda: executor.run(str(operation.pk)))
    wait_for(lambda: "b do started" in deeds.log, 10, "the tool runs")
    os.kill(worker, signal.SIGKILL)
    assert end_of(worker) == -signal.SIGKILL
    wait_for(lambda: not is_held(operation.pk), 10, "the tool has ended")
    waits.unlink()
    check_success(resumed(operation), deeds)
    assert deeds.log.count("b do started") == 2


def test_what_the_box_can_not_tell_ends_as_interrupted(deeds: Deeds, fresh_database: str) -> None:
    deeds.tell("b.unknown")
    waits = deeds.tell("b.waits")
    operation = deeds.ask("a", "b", "c")
    worker = forked(lambda: executor.run(str(operation.pk)))
    wait_for(lambda: "b do started" in deeds.log, 10, "the tool runs")
    os.kill(worker, signal.SIGKILL)
    end_of(worker)
    wait_for(lambda: not is_held(operation.pk), 10, "the tool has ended")
    waits.unlink()
    resumed(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.error["code"]) == ("interrupted", "interrupted")
    assert "Do b" in operation.error["message"]
    assert [step["state"] for step in operation.steps] == ["done", "running", "waiting"], "nothing is made up"
    assert deeds.effects == ["do a"], "nothing is repeated, nothing taken back"
    assert facts(operation)["OperationInterrupted"] == 1


@pytest.mark.parametrize("error", [CalypsoError("no answer"), KeyError("a defect of ours")])
def test_a_probe_that_fails_can_not_tell(deeds: Deeds, fresh_database: str, error: Exception, monkeypatch: Any) -> None:
    operation = deeds.ask("a")
    assert not execute_until_killed(operation, 4 * 2 + 2)  # the tool has ended, unrecorded

    def fails(*_: object) -> bool:
        raise error

    monkeypatch.setitem(box._probes, "deeds.done", fails)
    assert resumed(operation).state == "interrupted"
    assert deeds.effects == ["do a"]


# --- pools of the lab -----------------------------------------------------------------------------------------------


@pytest.fixture
def lab_disks(fresh_database: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of free disks of a lab of this test's own."""
    settings.CALYPSO_LAB_STATE = tmp_path / "lab.db"
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(settings.CALYPSO_LAB_STATE))
    observe()
    big = Disk.objects.filter(simulated=True, uses=[], size=4_000_787_030_016)
    return list(big.values_list("id", flat=True))


def test_killed_at_each_moment_a_pool_is_made_once_and_destroyed_once(lab_disks: list[str]) -> None:
    """Before and after `zpool create` and `zpool destroy`, and inside of the transactions after them."""
    vdev = {"type": "mirror", "disks": tuple(lab_disks[:2])}
    for moment in (9, 10, 13, 17):
        operation = commands.dispatch(CreatePool(name="tank", vdevs=(vdev,)), ADMIN)
        execute_until_killed(operation, moment)
        assert resumed(operation).state == "succeeded", (moment, operation.error)
        (pool,) = Pool.objects.all()
        assert (pool.name, set(pool.disks)) == ("tank", set(lab_disks[:2]))
        told = facts(operation)
        assert (told["PoolCreated"], told["OperationSucceeded"], told["StepFinished"]) == (1, 1, 1), (moment, told)
        destruction = commands.dispatch(DestroyPool(name="tank"), ADMIN, confirm="tank")
        execute_until_killed(destruction, moment)
        assert resumed(destruction).state == "succeeded", moment
        assert not Pool.objects.exists()
        assert facts(destruction)["PoolDestroyed"] == 1
