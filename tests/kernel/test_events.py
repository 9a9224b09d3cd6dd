"""Events: stable names, kinds, golden bytes of every version ever written, and how old versions are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from pydantic import ValidationError

from calypso.kernel import events, store
from calypso.kernel.events import Event, Kind, decode, encode, event, names_read_as, registered, upcast

GOLDEN = Path(__file__).parent / "golden"
REGISTERED = registered()


# --- what is registered ---


def test_every_registered_type_has_a_golden_file_and_none_is_left_over() -> None:
    """A new type: write `encode()` of a full example to golden/<type>.json. An old version's file stays for ever."""
    files = {path.stem for path in GOLDEN.iterdir()}
    assert set(REGISTERED) - files == set()
    assert files - set(REGISTERED) - set(events._upcasts) == set()


@pytest.mark.parametrize("path", sorted(GOLDEN.iterdir()), ids=lambda path: path.stem)
def test_golden_bytes_are_read_for_ever(path: Path) -> None:
    state = path.read_bytes()
    read = decode(path.stem, state)
    if path.stem in REGISTERED:
        assert type(read) is REGISTERED[path.stem]
        assert encode(read) == state
        assert set(orjson.loads(state)) == set(type(read).model_fields)
        assert decode(path.stem, encode(read)) == read


@pytest.mark.parametrize("path", sorted(GOLDEN.iterdir()), ids=lambda path: path.stem)
def test_golden_events_have_keys_that_can_be_stored(path: Path) -> None:
    keys = decode(path.stem, path.read_bytes()).keys()
    assert all(isinstance(key, str) and key and key.isprintable() for key in keys)
    assert len(keys) == len(set(keys))


def test_names_and_kinds_are_as_they_were() -> None:
    """Renaming a type or moving it to another kind would change what stands in ledgers already written."""
    kinds = {name: str(found.KIND) for name, found in REGISTERED.items()}
    assert {name for name, kind in kinds.items() if kind == "configuration"} >= {
        "storage.PoolCreated.v2",
        "storage.PoolDestroyed.v1",
    }
    by_context = {"operations": {"operation", "security"}, "system": {"security", "observation", "configuration"}}
    for name, kind in kinds.items():
        assert re.fullmatch(r"[a-z]+\.[A-Z][A-Za-z0-9]+\.v[1-9][0-9]*", name)
        assert kind in by_context.get(name.partition(".")[0], set(Kind)), name
        assert name == REGISTERED[name].TYPE


# --- the registry's rules, with types of this module's own ---


@pytest.fixture
def registry() -> Iterator[None]:
    """Whatever a test registers is forgotten."""
    types, upcasts = dict(events._registry), dict(events._upcasts)
    yield
    for mine, before in ((events._registry, types), (events._upcasts, upcasts)):
        mine.clear()
        mine.update(before)


@pytest.mark.parametrize(
    "name", ["PoolCreated.v1", "storage.poolCreated.v1", "storage.PoolCreated", "storage.PoolCreated.v0",
             "storage.PoolCreated.v01", "Storage.PoolCreated.v1", "a.B.v1\n", "a.B.C.v1", ""],
)  # fmt: skip
@pytest.mark.usefixtures("registry")
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"context\.PastTense\.vN"):
        event(name, Kind.OBSERVATION)(type("Odd", (Event,), {}))


@pytest.mark.usefixtures("registry")
def test_a_name_is_taken_only_once() -> None:
    event("tests.Taken.v1", Kind.OBSERVATION)(type("One", (Event,), {}))
    with pytest.raises(ValueError, match=r"tests\.Taken\.v1"):
        event("tests.Taken.v1", Kind.OBSERVATION)(type("Other", (Event,), {}))


class Moved(Event):
    """The third version: v1 had ``place``, v2 split it into ``house`` and ``floor``, v3 counts floors from 0."""

    house: str
    floor: int


@pytest.fixture
def moved(registry: None) -> None:
    event("tests.Moved.v3", Kind.CONFIGURATION)(Moved)

    @upcast("tests.Moved.v1", "tests.Moved.v2")
    def split(data: dict[str, Any]) -> dict[str, Any]:
        house, _, floor = data["place"].partition("/")
        return {"house": house, "floor": int(floor)}

    @upcast("tests.Moved.v2", "tests.Moved.v3")
    def from_zero(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "floor": data["floor"] - 1}


@pytest.mark.usefixtures("moved")
def test_old_versions_are_read_as_the_newest() -> None:
    newest = Moved(house="b", floor=2)
    assert decode("tests.Moved.v1", b'{"place":"b/3"}') == newest
    assert decode("tests.Moved.v2", b'{"floor":3,"house":"b"}') == newest
    assert decode("tests.Moved.v3", encode(newest)) == newest
    assert names_read_as(["tests.Moved.v3"]) == ["tests.Moved.v1", "tests.Moved.v2", "tests.Moved.v3"]
    assert names_read_as(["tests.Moved.v3", "x.Y.v1"])[-1] == "x.Y.v1"


@pytest.mark.django_db
@pytest.mark.usefixtures("moved")
def test_a_stored_old_version_comes_out_as_the_newest() -> None:
    stream = uuid4()
    for name, state in (("tests.Moved.v1", b'{"place":"b/3"}'), ("tests.Moved.v2", b'{"floor":4,"house":"c"}')):
        store.recorder.insert_events([store.Envelope(stream, None, name, state)])
    rows = store.query(f"SELECT {store.COLUMNS} FROM ledger.event WHERE stream = %s ORDER BY position", [stream])
    assert [store.from_row(row).event for row in rows] == [Moved(house="b", floor=2), Moved(house="c", floor=3)]


@pytest.mark.usefixtures("moved")
def test_an_old_version_is_no_type_of_its_own() -> None:
    with pytest.raises(ValueError, match="old version"):
        event("tests.Moved.v1", Kind.CONFIGURATION)(type("Moved1", (Event,), {}))
    with pytest.raises(ValueError, match="still a type"):
        upcast("tests.Moved.v3", "tests.Moved.v4")(dict)


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(
    "state", [b'{"house":"b"}', b'{"house":"b","floor":"x"}', b'{"house":"b","floor":1,"x":1}', b"["]
)
def test_bytes_of_another_shape_are_an_error(state: bytes) -> None:
    with pytest.raises(ValidationError):
        decode("tests.Moved.v3", state)


def test_a_name_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"tests\.Unknown\.v1"):
        decode("tests.Unknown.v1", b"{}")


@pytest.mark.usefixtures("moved")
def test_bytes_are_canonical_and_events_do_not_change() -> None:
    assert encode(Moved(floor=1, house="é")) == '{"floor":1,"house":"é"}'.encode()
    with pytest.raises(ValidationError):
        Moved(house="b", floor=1).floor = 2
