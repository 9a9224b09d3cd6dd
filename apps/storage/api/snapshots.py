"""REST: snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.router import router
from apps.storage.commands.cloning import CloneSnapshot
from apps.storage.commands.destroying import DestroySnapshots, RollbackDataset
from apps.storage.commands.snapshots import (
    CreateSnapshots,
    DiffSnapshots,
    HoldSnapshots,
    ReleaseSnapshots,
    RenameSnapshot,
)
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool
from apps.storage.models.snapshots import DiffEntry, Snapshot, SnapshotDiff, SnapshotQuerySet, SnapshotUsage
from calypso.kernel.actors import Permission
from calypso.kernel.commands import mint
from calypso.kernel.errors import NotFound
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit


class SnapshotOut(Schema):
    id: str
    full_name: str = Field(description="tank/data@monday")
    name: str = Field(description="What stands behind the @.")
    dataset: str = Field(description="The dataset's full name.")
    dataset_id: UUID
    pool: str
    guid: str
    created_at: datetime
    created_txg: int
    holds: list[str] = Field(description="The tags that keep it from being destroyed.")
    clones: list[str] = Field(description="Datasets that were made from it and need it.")
    defer_destroy: bool = Field(description="It goes with its last hold and clone.")
    schedule: str = Field(description="The schedule that made it, or empty.")
    used: int | None = Field(description="Bytes that it alone has: what its destruction frees at least.")
    referenced: int | None = Field(description="Bytes that it shows.")


class SnapshotFilter(Page):
    pool: str = Field("", max_length=255, description="A pool's name.")
    dataset: str = Field("", max_length=255, description="A dataset's name: its own snapshots.")
    under: str = Field("", max_length=255, description="Those of this dataset and of all below it.")
    search: str = Field("", max_length=255, description="Part of the name; before an @, part of the dataset's.")
    schedule: str = Field("", max_length=255, description="Made by this schedule.")
    held: bool | None = None


class CountOut(Schema):
    """``bytes``: what they alone have, added up; more becomes free when neighbours go together."""

    count: int
    bytes: int


class DiffEntryOut(Schema):
    number: int
    at: datetime
    change: str = Field(description="+ made, - removed, M changed, R renamed.")
    kind: str = Field(description="F file, / folder, @ link, and as in zfs-diff(8).")
    path: str
    to: str = Field(description="The new path of what was renamed.")


class DiffOut(Paged[DiffEntryOut]):
    older: str
    newer: str
    entries: int
    truncated: bool = Field(description="There were more than are kept.")
    made_at: datetime


@router.get("/snapshots", auth=Needs(Permission.READ), response=answers(s200=Paged[SnapshotOut]))
def list_snapshots(request: HttpRequest, q: Query[SnapshotFilter]) -> dict[str, Any]:
    """Snapshots, whoever made them."""
    found = matching(q)
    sparse = bool(q.under or q.held or "@" in q.search)
    rows = found.narrowed() if sparse else found
    page = paged(rows, q, orders=["-created_at", "name"], by_keys=bool(q.search))
    return {**page, "items": snapshots_out(page["items"])}


@router.post("/snapshots", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def create_snapshots(request: HttpRequest, body: CreateSnapshots, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes snapshots of many datasets at one moment, with ``recursive`` of all below them as well."""
    return submit(request, body, how, given)


@router.post("/snapshots/destroy", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def destroy_snapshots(
    request: HttpRequest, body: DestroySnapshots, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Destroys many at once, named or chosen: one operation; its steps are its progress, it can be stopped between."""
    return submit(request, body, how, given, body.confirm)


@router.post("/snapshots/rollback", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def rollback_dataset(request: HttpRequest, body: RollbackDataset, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes a dataset what it was at a snapshot; the dry run has the exact list of what is destroyed for it."""
    return submit(request, body, how, given, body.confirm)


@router.post("/snapshots/clone", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def clone_snapshot(request: HttpRequest, body: CloneSnapshot, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes a dataset of a snapshot, with properties of its own."""
    return submit(request, body, how, given)


@router.post("/snapshots/hold", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def hold_snapshots(request: HttpRequest, body: HoldSnapshots, how: Query[How], given: Header[Preconditions]) -> Any:
    """Keeps snapshots from being destroyed, under a tag."""
    return submit(request, body, how, given)


@router.post("/snapshots/release", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def release_snapshots(
    request: HttpRequest, body: ReleaseSnapshots, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Ends a hold. What was only waiting for that is destroyed by it, and then takes ``confirm``."""
    return submit(request, body, how, given, body.confirm)


@router.post("/snapshots/rename", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def rename_snapshot(request: HttpRequest, body: RenameSnapshot, how: Query[How], given: Header[Preconditions]) -> Any:
    """Gives a snapshot another name, with ``recursive`` those of the same name below as well."""
    return submit(request, body, how, given)


@router.post("/snapshots/diff", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def diff_snapshots(request: HttpRequest, body: DiffSnapshots, how: Query[How], given: Header[Preconditions]) -> Any:
    """Compares a snapshot with a later one or with the present; the result is at /snapshots/diffs/{operation}."""
    return submit(request, body, how, given)


@router.get("/snapshots/diffs/{operation_id}", auth=Needs(Permission.READ), response=answers(s200=DiffOut))
def get_diff(request: HttpRequest, operation_id: UUID, q: Query[Page]) -> dict[str, Any]:
    """What a comparison found, by its operation. The latest twenty are kept."""
    diff = SnapshotDiff.objects.filter(pk=mint(operation_id, "diff")).first()
    if diff is None:
        raise NotFound(
            "There is no comparison of this operation.",
            code="no_such_diff",
            field="operation_id",
            hint="It may not have ended yet, or later ones took its place.",
        )
    head = {name: getattr(diff, name) for name in ("older", "newer", "entries", "truncated", "made_at")}
    return {**head, **paged(DiffEntry.objects.filter(diff=diff.pk), q, orders=["number"])}


@router.get("/snapshots/count", auth=Needs(Permission.READ), response=answers(s200=CountOut))
def count_snapshots(request: HttpRequest, q: Query[SnapshotFilter]) -> dict[str, int]:
    """How many a filter finds, and what they alone have together."""
    return matching(q).totals()


def matching(q: SnapshotFilter) -> SnapshotQuerySet:
    rows = Snapshot.objects.all()
    if q.pool:
        rows = rows.filter(pool__in=list(Pool.objects.filter(name=q.pool).values_list("id", flat=True)))
    if q.dataset:
        rows = rows.filter(dataset__in=list(Dataset.objects.filter(name=q.dataset).values_list("id", flat=True)))
    if q.under:
        rows = rows.under(Dataset.objects.under(q.under))
    if q.schedule:
        rows = rows.filter(schedule=q.schedule)
    if q.held is not None:
        rows = rows.held(q.held)
    return rows.matching(q.search) if q.search else rows


def snapshots_out(rows: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """Rows with the names of their datasets and pools, their clones and sizes."""
    datasets = dict(Dataset.objects.filter(id__in={row.dataset for row in rows}).values_list("id", "name"))
    pools = dict(Pool.objects.filter(id__in={row.pool for row in rows}).values_list("id", "name"))
    full = {row.id: f"{datasets.get(row.dataset, '?')}@{row.name}" for row in rows}
    clones: dict[str, list[str]] = {}
    for origin, clone in Dataset.objects.filter(origin__in=full.values()).values_list("origin", "name"):
        clones.setdefault(origin, []).append(clone)
    sizes = SnapshotUsage.objects.in_bulk(list(full))
    return [
        {
            **{f.attname: getattr(row, f.attname) for f in Snapshot._meta.concrete_fields},
            "full_name": full[row.id],
            "dataset": datasets.get(row.dataset, ""),
            "dataset_id": row.dataset,
            "pool": pools.get(row.pool, ""),
            "clones": sorted(clones.get(full[row.id], ())),
            "used": sizes[row.id].used if row.id in sizes else None,
            "referenced": sizes[row.id].referenced if row.id in sizes else None,
        }
        for row in rows
    ]
