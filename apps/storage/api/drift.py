"""REST: where the box differs from the configuration in force, and the two ways out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.router import router
from apps.storage.commands.drift import MISSING, AcceptDrift, RestoreDrift
from apps.storage.domain.drift import Subject, drift_address
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit


class DifferenceOut(Schema):
    """``field`` is ``presence`` for what is not there at all. "" stands for a value that is not set."""

    field: str
    wanted: str
    seen: str
    since: datetime


class DriftedOut(Schema):
    address: str = Field(description="What /drift/accept and /drift/restore take.")
    subject: Literal["pool", "dataset"]
    id: UUID
    name: str
    missing: bool
    differences: list[DifferenceOut]
    version: int


@router.get("/drift", auth=Needs(Permission.READ), response=answers(s200=Paged[DriftedOut]))
def list_drift(request: HttpRequest, q: Query[Page]) -> dict[str, Any]:
    """What differs from the configuration in force: datasets by name, and behind the last one the pools."""
    page = paged(Dataset.objects.exclude(drift=[]), q, orders=["name"])
    items = [_drifted("dataset", row, row.missing) for row in page["items"]]
    if page["next"] is None:
        pools = Pool.objects.exclude(drift=[]).order_by("name")
        items += [_drifted("pool", row, row.state == MISSING) for row in pools]
    return {"items": items, "next": page["next"]}


@router.post("/drift/accept", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def accept_drift(request: HttpRequest, body: AcceptDrift, how: Query[How], given: Header[Preconditions]) -> Any:
    """The configuration follows the box. A pool or dataset that is missing is forgotten."""
    return submit(request, body, how, given)


@router.post("/drift/restore", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def restore_drift(request: HttpRequest, body: RestoreDrift, how: Query[How], given: Header[Preconditions]) -> Any:
    """The box is brought back: values are set, a pool is imported, a dataset is made again, empty.

    What can't come back is refused as ``cannot_restore``, or stands in the plan's warnings.
    """
    return submit(request, body, how, given)


def _drifted(subject: Subject, row: Pool | Dataset, missing: bool) -> dict[str, Any]:
    return {
        "address": drift_address(subject, row.name),
        "subject": subject,
        "id": row.id,
        "name": row.name,
        "missing": missing,
        "differences": row.drift,
        "version": row.version,
    }
