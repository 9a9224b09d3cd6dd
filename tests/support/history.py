"""Histories of real events, made up by hypothesis: sensible ones, nonsense, and all in transactions of any length."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from hypothesis import strategies as st
from pydantic import BaseModel

from apps.storage.domain.datasets import DatasetEvent
from calypso.kernel.events import Change, Event, Metadata, decode, registered
from calypso.kernel.projections import registry

GOLDEN = Path(__file__).parent.parent / "kernel" / "golden"
FEW = 3  # operations, pools, disks and tokens each, so that events meet

PROJECTED = sorted({name for projection in registry.values() for name in projection.handlers})
_ENDS = ("Detached", "Destroyed", "Vanished", "Exported", "Forgotten", "Gone", "Deleted")
FILLING = [name for name in PROJECTED if not name.partition(".v")[0].endswith(_ENDS)]  # after them no table is empty


def some_id(kind: str, number: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"test:{kind}:{number}")


def example(name: str, number: int, **changes: Any) -> Event:
    """The golden event of a type, about the so-manieth operation, pool, disk, token or alert."""
    golden = decode(name, (GOLDEN / f"{name}.json").read_bytes())
    about: dict[str, Any] = {
        "operation": some_id("operation", number),
        "token": some_id("token", number),
        "alert": some_id("alert", number),
        "fingerprint": f"fingerprint {number}",
        "pool": some_id("pool", number),
        "disk": f"disk-{number}",
    }
    if "pool" in type(golden).model_fields:
        about["name"] = f"pool{number}"
    if isinstance(golden, DatasetEvent):
        about |= {"dataset": some_id("dataset", number), "name": f"pool{number}/data"}
    return golden.model_copy(update={k: v for k, v in about.items() if k in type(golden).model_fields} | changes)


VARIATIONS: dict[str, Any] = {
    "state": st.sampled_from(["ONLINE", "DEGRADED", "FAULTED"]),
    "size": st.integers(0, 2**62),
    "step": st.integers(0, 2),
    "exit_code": st.none() | st.integers(0, 255),
    "rotational": st.none() | st.booleans(),
    "serial": st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=5),
    "stderr": st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=5),
    "read_only": st.booleans(),
    "ok": st.booleans(),
    "expires_at": st.none() | st.just(datetime(2027, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)),
}


def fits(fields: Any, field: str) -> bool:
    """Whether an event has the field, and it is no other one of the same name.

    A disk's wipe has steps with titles, and a unit's state has fields of its own.
    """
    if field not in fields:
        return False
    kind = fields[field].annotation
    return not (field == "step" and kind is str) and not (isinstance(kind, type) and issubclass(kind, BaseModel))


@st.composite
def change(draw: Any, names: list[str] = PROJECTED) -> Change:
    name = draw(st.sampled_from(names))
    fields = registered()[name].model_fields
    varied = {
        field: draw(values) for field, values in VARIATIONS.items() if fits(fields, field) and draw(st.booleans())
    }
    number = draw(st.integers(0, FEW - 1))
    return Change(some_id(name.partition(".")[0], number), example(name, number, **varied))


people = st.builds(
    Metadata,
    actor=st.sampled_from(["system", "user:åsa", "observer"]),
    reason=st.sampled_from(["", "because"]),
    correlation_id=st.none() | st.just(some_id("correlation", 0)),
)
histories = st.lists(st.tuples(people, st.lists(change(), min_size=1, max_size=6)), min_size=1, max_size=12)


def tables(alias: str = "default") -> dict[str, list[dict[str, Any]]]:
    """All rows of all read models, in the order of their keys."""
    return {
        model._meta.db_table: list(model._default_manager.using(alias).order_by("pk").values())
        for projection in registry.values()
        for model in projection.read_models()
    }
