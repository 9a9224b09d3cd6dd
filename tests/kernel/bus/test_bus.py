"""D-Bus against a real daemon: replies, refusals, deadlines, jobs ended by a signal, signals, a bus that goes."""

from __future__ import annotations

import signal as signals
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calypso.kernel import bus
from calypso.kernel.errors import CalypsoError, ToolCancelled
from calypso.kernel.plans import Ending, Request
from tests.support.dbus import INTERFACE, MISSING, NAME, PATH, daemon, service

pytestmark = [pytest.mark.process, pytest.mark.skipif(MISSING, reason="no dbus-daemon on this machine")]

REAL = "calypso.kernel.buses.system.connect"
ENDED = Ending(path=PATH, interface=INTERFACE, member="Ended", reply=1, result=2, good=("done",))


def request(member: str, signature: str = "", *body: Any, ending: Ending | None = None) -> Request:
    return Request(
        destination=NAME, path=PATH, interface=INTERFACE, member=member, signature=signature, body=body, ending=ending
    )


@pytest.fixture
def process(tmp_path: Path, settings: Any) -> Iterator[Any]:
    settings.CALYPSO_BUS_TRANSPORT = REAL
    with daemon(tmp_path) as (address, process), service(address):
        settings.CALYPSO_SYSTEM_BUS = address
        yield process


def test_a_call_is_answered_with_plain_values(process: Any) -> None:
    answer = bus.call(request("Echo", "su", "hello", 7), deadline=20)
    assert answer == ["hello", 7, {"seen": True, "inner": {"x": "y"}}]


def test_an_error_comes_back_by_its_name_and_is_named(process: Any) -> None:
    with pytest.raises(bus.Refused) as caught:
        bus.call(request("Refuse"), deadline=20)
    assert caught.value.name == "org.example.Error.NoDeeds"
    with pytest.raises(CalypsoError) as told:
        bus.read(request("Refuse"))
    assert told.value.code == "bus_call_failed"
    assert "hunter2" not in told.value.message + told.value.detail


def test_a_destination_names_its_own_errors(process: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from calypso.kernel.buses import errors

    monkeypatch.setattr(errors, "_namers", {})
    bus.names_errors_of(NAME)(lambda _, refused: CalypsoError(f"no deeds: {refused.name}", code="no_deeds"))
    with pytest.raises(CalypsoError) as told:
        bus.read(request("Refuse"))
    assert told.value.code == "no_deeds"


def test_what_the_bus_itself_refuses_is_named(process: Any) -> None:
    forbidden = request("Echo").model_copy(update={"interface": "org.example.Forbidden"})
    with pytest.raises(CalypsoError) as told:
        bus.read(forbidden)
    assert told.value.code == "not_authorized"
    with pytest.raises(bus.BusMissing) as absent:
        bus.read(request("Echo").model_copy(update={"destination": "org.example.Nobody"}))
    assert "org.example.Nobody" in absent.value.message


def test_many_calls_go_over_one_connection_and_each_has_its_own_answer(process: Any) -> None:
    asked = [request("Echo", "su", str(n), n) for n in range(200)] + [request("Refuse")]
    *answers, refused = bus.call_all(asked, deadline=30)
    assert [answer[1] for answer in answers] == list(range(200))
    assert isinstance(refused, bus.Refused)


def test_a_call_that_begins_something_ends_with_it(process: Any) -> None:
    job, how = bus.call(request("Begin", "s", "done", ending=ENDED), deadline=20)
    assert (job, how) == (f"{PATH}/job/1", "done")
    with pytest.raises(bus.Refused) as caught:
        bus.call(request("Begin", "s", "failed", ending=ENDED), deadline=20)
    assert caught.value.name == f"{INTERFACE}.Ended.failed"


def test_what_hangs_is_left_at_its_deadline(process: Any) -> None:
    for hanging in (request("Hang"), request("Begin", "s", "never", ending=ENDED)):
        with pytest.raises(bus.BusTimeout):
            bus.call(hanging, deadline=0.3)


def test_a_bus_that_hangs_is_left_at_the_deadline(process: Any) -> None:
    process.send_signal(signals.SIGSTOP)
    with pytest.raises(bus.BusTimeout):
        bus.call(request("Echo", "su", "a", 1), deadline=0.3)
    process.send_signal(signals.SIGCONT)


def test_a_call_is_given_up_on_request(process: Any) -> None:
    began = time.monotonic()
    with pytest.raises(ToolCancelled):
        bus.call(request("Hang"), deadline=50, cancelled=lambda: time.monotonic() - began > 0.2)


def test_no_bus_is_named(tmp_path: Path, settings: Any) -> None:
    settings.CALYPSO_BUS_TRANSPORT, settings.CALYPSO_SYSTEM_BUS = REAL, f"unix:path={tmp_path}/none"
    with pytest.raises(bus.BusMissing) as caught:
        bus.call(request("Echo"), deadline=20)
    assert str(tmp_path) in caught.value.detail and caught.value.hint


class Listener:
    """A thread that follows the bus."""

    def __init__(self, *rules: bus.Rule) -> None:
        self.stop, self.ready = threading.Event(), threading.Event()
        self.heard: list[bus.Signal] = []
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._follow, args=(rules,), daemon=True)
        self.thread.start()
        assert self.ready.wait(20)

    def _follow(self, rules: tuple[bus.Rule, ...]) -> None:
        try:
            bus.follow(rules, self.stop, self.heard.append, on_ready=self.ready.set)
        except Exception as error:
            self.error = error

    def until(self, count: int) -> None:
        until = time.monotonic() + 20
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.01)


def test_signals_come_in_order_and_only_those_asked_for(process: Any) -> None:
    listener = Listener(bus.Rule(interface=INTERFACE, member="Told", below=PATH))
    bus.call(request("Begin", "s", "done", ending=ENDED), deadline=20)
    bus.call(request("Tell", "u", 100), deadline=20)
    listener.until(100)
    assert [heard.body[0] for heard in listener.heard] == [str(n) for n in range(100)]
    listener.stop.set()
    listener.thread.join(20)
    assert not listener.thread.is_alive() and listener.error is None


def test_following_ends_with_an_error_when_the_bus_goes_away(process: Any) -> None:
    listener = Listener(bus.Rule(interface=INTERFACE))
    process.kill()
    listener.thread.join(20)
    assert isinstance(listener.error, bus.BusMissing)
