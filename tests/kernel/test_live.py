"""Live updates over a real daphne: nothing missed, nothing twice, and each hears what it may."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import InvalidStatus

from calypso.kernel.events import Kind
from tests.support.live import PAGE, RING, SOON, Open, happen, writers

pytestmark = pytest.mark.process

# --- what is said ---


def test_a_client_hears_where_it_starts_and_then_each_event(client: Open) -> None:
    end = happen()
    live = client()
    assert live.until_ready() == end
    assert happen(keys=("storage.pool.tank", "é")) == end + 1
    expected = {"position": end + 1, "type": "tests.Happened.v1", "keys": ["storage.pool.tank", "é"]}
    assert live.next() == expected


def test_since_replays_exactly_and_goes_on(client: Open) -> None:
    """From before, at the edge of, and inside what the server holds in memory."""
    client().until_ready()  # so that the server follows
    end = happen(3 * RING)
    if end % PAGE == 0:
        end = happen()
    starts = [0, 1, end - RING - PAGE, *range(end - RING - 2, end - RING + 3), end - PAGE, end - 1, end]
    opened = [(since, client(f"?since={since}")) for since in starts]
    more = happen(RING // 2)
    for since, live in opened:
        assert live.until(more) == list(range(since + 1, more + 1))
        if not live.ready:
            assert live.until_ready() == more  # it got through only when all had happened
        else:
            ((said, last),) = live.ready
            assert said >= end and last == (said if said > since else 0)


def test_a_program_names_no_origin_and_a_page_of_another_site_is_kept_out(client: Open) -> None:
    end = happen()
    assert client("", "admin", None).until_ready() == end
    with pytest.raises(InvalidStatus) as refused:
        client("", "admin", "http://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_many_that_connect_while_events_are_written_miss_nothing(client: Open) -> None:
    """Each passes from the pages of the database to the ring at some moment of its own."""
    before = happen(4 * RING)
    with writers() as stop:
        opened = [(since, client(f"?since={since}")) for since in (0, before - RING, before) for _ in range(5)]
        readings = []
        with ThreadPoolExecutor(len(opened)) as pool:
            marks = [pool.submit(live.until, before + 3 * RING) for _, live in opened]
            readings = [mark.result(SOON) for mark in marks]
            end = stop()
            rests = [pool.submit(live.until, end) if live.last < end else None for _, live in opened]
            for (since, live), reading, rest in zip(opened, readings, rests, strict=True):
                assert reading + (rest.result(SOON) if rest else []) == list(range(since + 1, end + 1))
                assert len(live.ready) <= 1


def test_reconnecting_with_since_resumes_exactly_while_events_are_written(client: Open) -> None:
    chance, seen, last = random.Random(7), [], happen()
    first = last + 1
    with writers() as stop:
        for _ in range(25):
            live = client(f"?since={last}")
            seen += [live.next()["position"] for _ in range(chance.randint(1, 30))]
            live.socket.close() if chance.random() < 0.5 else live.socket.socket.close()
            last = seen[-1]
        end = stop()
    if last < end:
        seen += client(f"?since={last}").until(end)
    assert seen == list(range(first, seen[-1] + 1)) and seen[-1] == end


def test_clients_that_leave_in_the_middle_of_a_page_disturb_nobody(client: Open) -> None:
    end = happen(2 * RING)
    staying = client(f"?since={end}")
    staying.until_ready()
    for _ in range(15):
        client("?since=0").socket.socket.close()
    more = happen()
    assert staying.until(more) == [more]
    assert client("?since=0").until(more) == list(range(1, more + 1))


# --- who may hear what ---


def test_topics_are_types_keys_and_what_lies_below_them(client: Open) -> None:
    end = happen()
    asked = ["storage", "storage.pool.tank", "tests.A.v1", "storage.pool.tank,system.ntp", "nothing"]
    opened = {topics: client(f"?since={end}&topics={topics}") for topics in asked}
    opened["repeated"] = client(f"?since={end}&topics=system.ntp&topics=tests.B.v1")
    happened = [
        happen(topic=topic, keys=keys)
        for topic, keys in [
            ("tests.A.v1", ("storage.pool.tank",)),
            ("tests.A.v1", ("storage.pool.tank2",)),
            ("tests.B.v1", ("system.ntp",)),
            ("storage.C.v1", ()),
            ("tests.A.v10", ("storages", "x", "storage.pool.tank.data")),
        ]
    ]
    last = happen(topic="tests.A.v1", keys=("storage.pool.tank", "system.ntp", "nothing"))
    expected = {
        "storage": [0, 1, 3, 4],
        "storage.pool.tank": [0, 4],
        "tests.A.v1": [0, 1],
        "storage.pool.tank,system.ntp": [0, 2, 4],
        "nothing": [],
        "repeated": [2],
    }
    for topics, live in opened.items():
        assert live.until(last) == [happened[n] for n in expected[topics]] + [last], topics


def test_security_events_are_heard_only_with_the_permission_audit(client: Open) -> None:
    end = happen()
    everything, public = client(f"?since={end}"), client(f"?since={end}", "viewer")
    secret = happen(kind=Kind.SECURITY, topic="system.LoginFailed.v1")
    last = happen()
    assert everything.until(last) == [secret, last]
    assert public.until(last) == [last]
    assert client(f"?since={end}", "viewer").until(last) == [last]  # from the database's pages, too


@pytest.mark.parametrize("who", ["", "cal_wrong", "not-even-a-token"])
def test_who_is_not_logged_in_is_closed_with_4401(client: Open, who: str) -> None:
    assert client("?since=0", who).closed() == (4401, "Log in first.")


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "%20", "+1", "9" * 19, "٣", "0x1"])
def test_a_since_that_is_no_position_is_closed_with_4400(client: Open, since: str) -> None:
    code, reason = client(f"?since={since}").closed()
    assert code == 4400 and "position" in reason


def test_a_since_behind_the_end_is_closed_with_4409(client: Open) -> None:
    end = happen()
    assert client(f"?since={end + 1}").closed() == (4409, f"The ledger ends at {end}.")
    assert client("?since=999999999999999999").closed()[0] == 4409
