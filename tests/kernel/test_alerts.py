"""Alerts: raised, changed, acknowledged and cleared, each once and each an event; nothing new writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from calypso.kernel import commands, store
from calypso.kernel.actors import Actor, Permission, Role
from calypso.kernel.alerts import rules
from calypso.kernel.alerts.commands import AcknowledgeAlert
from calypso.kernel.alerts.domain import Condition
from calypso.kernel.alerts.rules import Standing
from calypso.kernel.errors import CalypsoError
from calypso.kernel.models import Alert
from tests.support.rest import Person, events_after, finish, person

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))


class Says:
    """A rule that says what a test wants; it is told what stands."""

    def __init__(self) -> None:
        self.conditions: list[Condition] = []
        self.stood: list[Standing] = []
        self.fails = False

    def __call__(self, standing: Standing) -> list[Condition]:
        self.stood.append(standing)
        if self.fails:
            raise KeyError("a defect")
        return self.conditions


@pytest.fixture
def says() -> Iterator[Says]:
    made = Says()
    rules.rule("tests.things")(made)
    yield made
    del rules._rules["tests.things"]


def trouble(key: str = "a", **changes: Any) -> Condition:
    base = {"severity": "warning", "resource": f"tests.thing.{key}", "title": "T", "text": "x", "advice": "do"}
    return Condition(key=key, **{**base, **changes})


def evaluated() -> list[str]:
    before = store.position()
    assert rules.evaluate("tests") == store.position() - before
    found = [event.type.split(".")[1] for event in events_after(before)]
    assert rules.evaluate("tests") == 0, "nothing is recorded twice"
    return found


def acknowledge(alert: Alert, reason: str = "a disk is ordered") -> Alert:
    finish(commands.dispatch(AcknowledgeAlert(alert=alert.id, reason=reason), SARI).pk)
    alert.refresh_from_db()
    return alert


def test_the_life_of_an_alert(says: Says) -> None:
    assert evaluated() == []
    says.conditions = [trouble("a"), trouble("b", severity="critical")]
    before = store.position()
    assert evaluated() == ["AlertRaised", "AlertRaised"]
    first = events_after(before)[0]
    assert (first.actor, first.kind, first.data["key"]) == ("observer", "observation", "a")
    assert {"alerts", "tests.thing.a"} <= set(first.keys)
    alert = Alert.objects.get(key="a")
    assert acknowledge(alert).state == "acknowledged"
    assert (alert.acknowledged_by, alert.acknowledged_reason) == ("user:sari", "a disk is ordered")
    assert evaluated() == [], "it stays acknowledged"
    says.conditions = [trouble("b", severity="critical")]
    assert evaluated() == ["AlertCleared"]
    alert.refresh_from_db()
    assert alert.state == "cleared" and alert.cleared_at is not None
    says.conditions = [trouble("a")]
    assert sorted(evaluated()) == ["AlertCleared", "AlertRaised"]
    assert Alert.objects.filter(key="a").count() == 2, "the history is kept"


def test_only_what_is_worse_makes_an_acknowledged_alert_active_again(says: Says) -> None:
    says.conditions = [trouble(grade=80)]
    evaluated()
    alert = acknowledge(Alert.objects.get())
    says.conditions = [trouble(grade=80, text="y")]
    assert evaluated() == ["AlertChanged"]
    alert.refresh_from_db()
    assert (alert.state, alert.text) == ("acknowledged", "y")
    says.conditions = [trouble(grade=85, text="y")]
    assert evaluated() == ["AlertChanged"]
    alert.refresh_from_db()
    assert alert.state == "active"
    acknowledge(alert)
    says.conditions = [trouble(grade=0, severity="critical")]
    evaluated()
    alert.refresh_from_db()
    assert (alert.state, alert.severity) == ("active", "critical")
    acknowledge(alert)
    says.conditions = [trouble(grade=99)]
    evaluated()
    alert.refresh_from_db()
    assert (alert.state, alert.severity) == ("acknowledged", "warning"), "better is not worse"


def test_a_rule_is_told_what_stands_so_that_it_can_hold_on(says: Says) -> None:
    says.conditions = [trouble(grade=80)]
    evaluated()
    assert {key: alert.grade for key, alert in says.stood[-1].items()} == {"a": 80}


def test_a_rule_that_fails_clears_nothing(says: Says) -> None:
    says.conditions = [trouble()]
    evaluated()
    says.fails = True
    assert evaluated() == []
    assert Alert.objects.get().state == "active"


def test_rules_of_another_context_are_not_asked(says: Says) -> None:
    says.conditions = [trouble()]
    assert rules.evaluate("test") == 0 and says.stood == []


def test_scans_that_follow_each_other_closely_evaluate_now_and_then(
    says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_evaluated", {})
    now = 100.0
    monkeypatch.setattr(rules.time, "monotonic", lambda: now)
    for changed, asked in ((False, 1), (False, 1), (True, 2), (False, 2)):
        rules.evaluate_soon("tests", changed=changed)
        assert len(says.stood) == asked
    now += rules.UNCHANGED_SECONDS
    rules.evaluate_soon("tests", changed=False)
    assert len(says.stood) == 3


def refusal(alert: Any, reason: str = "x") -> CalypsoError:
    with pytest.raises(CalypsoError) as refused:
        commands.dispatch(AcknowledgeAlert(alert=alert, reason=reason), SARI)
    return refused.value


def test_what_can_not_be_acknowledged(says: Says) -> None:
    assert refusal(uuid4()).code == "no_such_alert"
    says.conditions = [trouble()]
    evaluated()
    alert = acknowledge(Alert.objects.get())
    assert refusal(alert.id).code == "alert_acknowledged"
    says.conditions = []
    evaluated()
    assert refusal(alert.id).code == "alert_cleared"


@pytest.fixture
def viewer(db: None) -> Person:
    return person(Role.OPERATOR)


def test_lists(says: Says, viewer: Person) -> None:
    says.conditions = [trouble("a"), trouble("b", severity="critical"), trouble("c", severity="info")]
    evaluated()
    acknowledge(Alert.objects.get(key="b"))
    says.conditions = says.conditions[:2]
    evaluated()

    def keys(query: str) -> list[str]:
        answer = viewer.get(f"/alerts?{query}")
        assert answer.status == 200, answer
        return [item["key"] for item in answer.body["items"]]

    assert keys("") == ["c", "b", "a"]
    assert keys("state=standing") == ["b", "a"]
    assert (keys("state=active"), keys("state=acknowledged"), keys("state=cleared")) == (["a"], ["b"], ["c"])
    assert keys("severity=critical") == ["b"]
    assert keys("resource=tests.thing.a") == ["a"] and keys("resource=tests.thing") == ["c", "b", "a"]
    assert keys("resource=tests.thi") == [], "an address, not a beginning of a text"
    assert keys("rule=tests.things&limit=1") == ["c"]
    first = viewer.get("/alerts?limit=2").body
    assert [item["key"] for item in viewer.get(f"/alerts?limit=2&cursor={first['next']}").body["items"]] == ["a"]
    assert viewer.get("/alerts?state=open").status == 422


def test_one_alert_over_rest(says: Says, viewer: Person) -> None:
    says.conditions = [trouble()]
    evaluated()
    alert = Alert.objects.get()
    got = viewer.get(f"/alerts/{alert.id}")
    assert got.headers["etag"] == f'"{alert.version}"'
    assert (got.body["advice"], got.body["state"]) == ("do", "active")
    stale = viewer.post(f"/alerts/{alert.id}/acknowledge", {"reason": "x"}, HTTP_IF_MATCH='"99"')
    assert stale.status == 412
    dry = viewer.post(f"/alerts/{alert.id}/acknowledge?dry_run=true", {"reason": "x"})
    assert dry.body["outcome"][0]["type"] == "alerts.AlertAcknowledged.v1"
    done = viewer.post(f"/alerts/{alert.id}/acknowledge", {"reason": "a disk is ordered"})
    finish(done.body["id"])
    got = viewer.get(f"/alerts/{alert.id}").body
    assert (got["state"], got["acknowledged_by"]) == ("acknowledged", "user:operator")
    assert viewer.get(f"/alerts/{uuid4()}").status == 404
