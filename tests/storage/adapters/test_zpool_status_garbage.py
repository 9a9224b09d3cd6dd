"""What `zpool status` might print, whatever it is: a value or a named error."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.storage.adapters import zpool
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load, numbers

TEXTS = [n for n in numbers("zpool") if (r := load("zpool", n)).argv[1] == "status" and "pool:" in r.stdout]
JSONS = [n for n in numbers("zpool") if (r := load("zpool", n)).argv[1] == "status" and r.stdout.startswith("{")]


def damaged(numbers: list[str]) -> st.SearchStrategy[str]:
    """Recorded output with one piece cut out and another put in."""

    @st.composite
    def build(draw: st.DrawFn) -> str:
        text = load("zpool", draw(st.sampled_from(numbers))).stdout
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        return text[:start] + draw(st.text(max_size=5)) + text[end:]

    return build()


@settings(max_examples=300, deadline=None)
@given(st.text() | damaged(TEXTS))
@example("\t\n")
@example("pool: a\nconfig:\n\tNAME STATE\n\tx")
def test_any_text_is_a_value_or_garbage(text: str) -> None:
    try:
        assert isinstance(zpool.parse_status_text(text), tuple)
    except ToolGarbage as error:
        assert error.message


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.text() | damaged(JSONS))
@example("[" * 100_000)
@example('{"pools": {"a": ' + '{"vdevs": {"b": ' * 500 + "}" * 1002)
def test_any_json_text_is_a_value_or_garbage(text: str) -> None:
    try:
        assert isinstance(zpool.parse_status_json(text), tuple)
    except ToolGarbage as error:
        assert error.message


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_wrong_value_in_json_is_a_value_or_garbage(data: st.DataObject) -> None:
    import json

    document = json.loads(load("zpool", data.draw(st.sampled_from(JSONS))).stdout)
    at = document
    while True:
        key = data.draw(st.sampled_from(sorted(at))) if at else ""
        if not isinstance(at.get(key), dict) or data.draw(st.integers(0, 4)) == 0:
            break
        at = at[key]
    at[key] = data.draw(anything)
    try:
        zpool.parse_status_json(json.dumps(document), now=1795412300)
    except ToolGarbage as error:
        assert error.message
