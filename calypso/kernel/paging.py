"""Lists by keyset: a page goes on behind the last row of the one before, so that every page costs the same."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import orjson
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from ninja import Schema
from pydantic import Field

from calypso.kernel.errors import Invalid

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Page(Schema):
    """Which part of a list."""

    limit: int = Field(100, ge=1, le=500)
    cursor: str = Field("", max_length=1000, description="`next` of the page before.")
    order: str = Field("", max_length=64, description="A field, with - in front for descending.")


class Paged(Schema, Generic[T]):
    items: list[T]
    next: str | None


def paged(rows: QuerySet[M], page: Page, *, orders: Sequence[str], by_keys: bool = False) -> dict[str, Any]:
    """One page by keyset. ``orders``: the fields one may order by (not null), the default first, as ``-position``.

    ``by_keys``: finds the page's keys first. Where an index has all that a filter asks for, only the rows that are
    shown are fetched, not all that are passed over.
    """
    order = page.order or orders[0]
    field = order.removeprefix("-")
    if field not in {o.removeprefix("-") for o in orders}:
        allowed = ", ".join(o.removeprefix("-") for o in orders)
        raise Invalid(f"One can't order by “{field}”.", field="order", hint=f"Order by one of: {allowed}.")
    down = order.startswith("-")
    if page.cursor:
        rows = rows.filter(_behind(field, down, _parse(rows, field, page.cursor)))
    sign = "-" if down else ""
    order_by = (f"{sign}{field}", f"{sign}pk")
    ordered = rows.order_by(*order_by)[: page.limit + 1]
    if by_keys:
        ordered = rows.model._default_manager.filter(pk__in=ordered.values("pk")).order_by(*order_by)
    found = list(ordered)
    more = len(found) > page.limit
    items = found[: page.limit]
    return {"items": items, "next": cursor_of(field, items[-1]) if more else None}


def _behind(field: str, down: bool, last: list[Any]) -> Any:
    """A comparison of the pair as one value, which an index of both columns answers by going right there."""
    than = TupleLessThan if down else TupleGreaterThan
    return than(Tuple(F(field), F("pk")), tuple(last))


def cursor_of(field: str, row: Model) -> str:
    """What leads to the page behind this row."""
    last = orjson.dumps([getattr(row, field), row.pk])
    return base64.urlsafe_b64encode(last).decode().rstrip("=")


def _parse(rows: QuerySet[M], field: str, cursor: str) -> list[Any]:
    meta = rows.model._meta
    assert meta.pk is not None
    try:
        value, key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        last = [meta.get_field(field).to_python(value), meta.pk.to_python(key)]  # type: ignore[union-attr]  # a column
        if None in last:
            raise ValueError("a null")
        return last
    except Exception as error:
        raise Invalid(
            "The cursor is none that this list gave.", field="cursor", hint="Start again without a cursor."
        ) from error
