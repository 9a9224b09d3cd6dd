"""Pools that come back: one that was exported, or is missing, is the same one when it is here again."""

from __future__ import annotations

from uuid import UUID

import orjson

from apps.storage.domain.transfer import PoolExported
from apps.storage.models.pools import Pool
from calypso.kernel import store
from calypso.kernel.errors import Conflict


def known_before(guid: str) -> UUID | None:
    """The id of a pool that was exported: it is the same one when it comes back."""
    rows = store.query(
        "SELECT state FROM ledger.event WHERE type = %s ORDER BY position DESC LIMIT 1000", [PoolExported.TYPE]
    )
    exported = (orjson.loads(bytes(row[0])) for row in rows)
    found = next((fact["pool"] for fact in exported if fact["guid"] == guid), None)
    return UUID(found) if found and not Pool.objects.filter(pk=found).exists() else None


def returning(guid: str) -> Pool | None:
    """The pool on record that has this guid and is missing. Raises Conflict when it is here already."""
    known = Pool.objects.filter(guid=guid).first()
    if known is not None and known.state != "MISSING":
        raise Conflict(
            f"This pool is here already, as “{known.name}”.",
            code="pool_exists",
            field="guid",
            hint="Export it first, if it is to be imported in another way.",
        )
    return known
