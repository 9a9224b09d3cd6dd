"""The executor: one operation a resource at a time, in the order in which they were asked for, each once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from calypso.kernel import executor, queue, store
from tests.support.appliance import wait_for
from tests.support.deeds import Deeds, end_of, execute, forked, ran, types

pytestmark = pytest.mark.process


def test_a_later_operation_on_the_same_resource_waits_and_others_do_not(deeds: Deeds, fresh_database: str) -> None:
    waits = deeds.tell("a.waits")
    first, second = deeds.ask("a"), deeds.ask("b", resources=("deeds.two", "deeds.one"))
    other = deeds.ask("c", resources=("deeds.three",))
    worker = forked(lambda: executor.run(str(first.pk)))
    wait_for(lambda: deeds.log, 10, "the first runs")
    assert execute(second).state == "queued"
    assert execute(other).state == "succeeded"
    assert OrmQ.objects.filter(payload=str(second.pk)).count() == 2, "put back into the queue"
    assert deeds.effects == ["do c"]
    waits.unlink()
    assert end_of(worker) == 0
    assert execute(second).state == "succeeded"
    assert deeds.effects == ["do c", "do a", "do b"]


def test_the_order_is_that_in_which_they_were_asked_for(deeds: Deeds) -> None:
    first, second, third = deeds.ask("a"), deeds.ask("b"), deeds.ask("c")
    for operation in (third, second):
        assert ran(operation).state == "queued"
    for operation in (first, second, third):
        assert ran(operation).state == "succeeded"
    assert deeds.effects == ["do a", "do b", "do c"]


def test_the_end_of_an_operation_makes_the_next_one_due_at_once_and_wakes_the_worker(
    deeds: Deeds, fresh_database: str
) -> None:
    first, second, third = deeds.ask("a"), deeds.ask("b"), deeds.ask("c")
    OrmQ.objects.all().delete()
    for operation in (second, third):
        executor.run(str(operation.pk))
    OrmQ.objects.update(lock=timezone.now() + timezone.timedelta(seconds=60))
    with store.listen(queue.CHANNEL) as listener:
        executor.run(str(first.pk))
        assert list(listener.notifies(timeout=5, stop_after=1))
    due = OrmQ.objects.filter(lock__lt=timezone.now()).values_list("payload", flat=True)
    assert list(due) == [str(second.pk)], "the third waits for the second"


def test_an_end_between_the_look_and_the_wait_is_not_missed(deeds: Deeds, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = deeds.ask("a"), deeds.ask("b")
    OrmQ.objects.all().delete()
    enqueue = queue.enqueue

    def after_its_end(operation: Any, delay: float = 0) -> None:
        monkeypatch.setattr(queue, "enqueue", enqueue)
        executor.run(str(first.pk))
        enqueue(operation, delay)

    monkeypatch.setattr(queue, "enqueue", after_its_end)
    executor.run(str(second.pk))
    assert OrmQ.objects.get(payload=str(second.pk)).lock < timezone.now()


def test_a_cancelled_operation_lets_the_next_one_go_at_once(deeds: Deeds) -> None:
    first, second = deeds.ask("a"), deeds.ask("b")
    executor.run(str(second.pk))
    OrmQ.objects.update(lock=timezone.now() + timezone.timedelta(seconds=60))
    executor.commands.cancel(first, executor.commands.Actor("user:x", "", "", frozenset()))
    assert set(OrmQ.objects.filter(lock__lt=timezone.now()).values_list("payload", flat=True)) == {str(second.pk)}
    assert ran(second).state == "succeeded"


def test_two_executors_of_one_operation_do_it_once(deeds: Deeds, fresh_database: str) -> None:
    waits = deeds.tell("a.waits")
    operation = deeds.ask("a")
    workers = [forked(lambda: executor.run(str(operation.pk))) for _ in range(4)]
    wait_for(lambda: deeds.log, 10, "one of them runs")
    waits.unlink()
    assert [end_of(worker) for worker in workers] == [0] * 4
    assert deeds.effects == ["do a"]
    assert types().count("OperationStarted") == types().count("OperationSucceeded") == 1
    assert connection.vendor == "postgresql"
