"""Plans are data: they survive JSON unchanged, can't be changed, and their digest tells what matters."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from calypso.kernel.plans import Call, Destroys, Outcome, Plan, Probe, Run

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
RUNS = st.builds(
    Run,
    title=TEXT,
    argv=st.lists(TEXT, min_size=1, max_size=4).map(tuple),
    deadline=st.floats(0, 1e6),
    done=st.builds(Probe, name=TEXT, args=st.dictionaries(TEXT, TEXT, max_size=2)),
    undo=st.lists(TEXT, max_size=3).map(tuple),
)
CALLS = st.builds(Call, title=TEXT, function=TEXT, args=st.dictionaries(TEXT, TEXT, max_size=2))
PLANS = st.builds(
    Plan,
    title=TEXT,
    resources=st.lists(TEXT, max_size=3).map(tuple),
    steps=st.lists(RUNS | CALLS, max_size=3).map(tuple),
    destroys=st.none() | st.builds(Destroys, bytes=st.integers(0, 2**60), names=st.just(("tank",))),
    warnings=st.lists(TEXT, max_size=2).map(tuple),
    confirm=st.none() | TEXT,
)


def plan(**more: object) -> Plan:
    step = Run(title="t", argv=("zpool", "scrub", "tank"), deadline=1, done=Probe(name="p"))
    return Plan(**{"title": "t", "resources": ("storage.pool.tank",), "steps": (step,), **more})


@given(PLANS)
def test_a_plan_survives_json(made: Plan) -> None:
    again = Plan.model_validate_json(made.model_dump_json())
    assert again == made
    assert again.digest == made.digest


def test_a_plan_can_not_be_changed() -> None:
    with pytest.raises(ValidationError):
        plan().title = "other"
    with pytest.raises(ValidationError):
        plan().steps[0].argv = ("rm",)


def test_words_and_figures_do_not_matter_to_the_digest() -> None:
    same = plan(title="other", warnings=("careful",))
    assert same.digest == plan().digest
    some, more = (plan(destroys=Destroys(bytes=b, what="datasets", names=("tank/a",))) for b in (1, 2))
    assert some.digest == more.digest, "data is written all the time"
    assert plan(destroys=Destroys(bytes=1, what="datasets", names=("tank/a", "tank/b"))).digest != some.digest


def test_minted_ids_count_by_their_order_and_others_as_they_are() -> None:
    def makes(first: str, second: str, *minted: str) -> str:
        made = tuple(Outcome(stream=stream, type="t", data={"id": stream}) for stream in (first, second))
        return plan(outcome=made, minted=minted).digest

    a, b, c, d = (str(uuid4()) for _ in range(4))
    assert makes(a, b, a, b) == makes(c, d, c, d)
    assert makes(a, b, a) != makes(a, c, a)
    assert makes(a, b) != makes(c, d)
    assert makes(a, b, a, b) != makes(b, a, a, b)


def test_what_differs_is_said_field_by_field() -> None:
    was, now = plan(confirm="tank"), plan(confirm=None)
    assert was.differences(was) == []
    assert was.differences(now) == ['confirm: "tank" → null']
    [line] = was.differences(plan(confirm="tank", steps=()))
    assert line.startswith("steps: [{") and line.endswith(" → []")


def test_secrets_and_minted_ids_are_no_difference() -> None:
    def asks(secret: str, made: str) -> Plan:
        step = Run(title="t", argv=("zfs", made), deadline=1, done=Probe(name="p"), stdin=f"secret://{secret * 32}")
        return plan(steps=(step,), minted=(made,))

    a, b = str(uuid4()), str(uuid4())
    assert asks("a", a).differences(asks("b", b)) == []
    assert "secret://" not in "".join(asks("a", a).differences(plan()))
