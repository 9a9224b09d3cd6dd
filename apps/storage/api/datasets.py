"""REST: datasets, which are file systems and volumes.

Modules with routes on one dataset import this one, whose /datasets/properties must stand before /datasets/{id}.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import ConfigDict, Field

from apps.storage.api.router import router
from apps.storage.commands.dataset_facts import effective_of, find_dataset, kept_keys
from apps.storage.domain.properties import TABLE, Property
from apps.storage.models.datasets import Dataset, DatasetQuerySet, DatasetUsage, KeptKey
from apps.storage.models.pools import Pool
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Reason
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import Needs, answers, tag


class Body(Schema):
    """A body that takes no members but its own."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field("", description="Why; it stands in the audit trail.")


class DatasetUsageOut(Schema):
    """The latest sample, in bytes."""

    used: int
    available: int
    referenced: int
    used_by_snapshots: int
    used_by_dataset: int
    used_by_children: int
    used_by_refreservation: int
    compress_ratio: float
    logical_used: int
    written: int
    snapshots_changed: int | None = Field(description="Unix seconds.")
    sampled_at: datetime


class DriftOut(Schema):
    """A value that differs from the configuration in force, since when."""

    field: str
    wanted: Any
    seen: Any
    since: datetime


class DatasetOut(Schema):
    id: UUID
    pool: str = Field(description="The pool's name.")
    name: str
    parent: str
    type: Literal["filesystem", "volume"]
    guid: str
    origin: str = Field(description="The snapshot that it is a clone of, or empty.")
    created_at: datetime
    mountpoint: str = Field(description="A path, `legacy`, `none`, or empty for a volume.")
    mounted: bool
    encryption: str = Field(description="`off` or a cipher.")
    encryption_root: str = Field(description="The dataset whose key it is encrypted with.")
    key_status: str = Field(description="Empty, available or unavailable.")
    key_format: str
    key_location: str
    key_kept: bool = Field(description="Calypso keeps the key of this encryption root.")
    key_fingerprint: str = Field(description="Of the kept key.")
    key_exported_at: datetime | None = Field(description="When the kept key was shown.")
    volsize: int | None = Field(description="Bytes.")
    drift: list[DriftOut]
    missing: bool
    created_by: str
    version: int
    usage: DatasetUsageOut | None


class PropertyOut(Schema):
    """A property in effect. ``from``: the dataset that it is inherited from."""

    value: str
    source: Literal["local", "default", "inherited", "received", "temporary", "none"]
    inherited_from: str = Field("", alias="from", serialization_alias="from")


class DatasetDetail(DatasetOut):
    properties: dict[str, PropertyOut]
    wanted: dict[str, str] = Field(description="What configuration says, where it says something.")


class DatasetFilter(Page):
    pool: str = Field("", max_length=255, description="A pool's name.")
    parent: str = Field("", max_length=255, description="What is directly in this dataset.")
    under: str = Field("", max_length=255, description="This dataset and all below it.")
    type: Literal["", "filesystem", "volume"] = ""
    search: str = Field("", max_length=255, description="Part of the name.")
    drift: bool | None = Field(None, description="Whether it differs from the configuration in force.")


@router.get("/datasets", auth=Needs(Permission.READ), response=answers(s200=Paged[DatasetOut]))
def list_datasets(request: HttpRequest, q: Query[DatasetFilter]) -> dict[str, Any]:
    """File systems and volumes, whoever made them."""
    page = paged(_matching(q), q, orders=["name", "created_at"])
    return {**page, "items": _rows(page["items"])}


@router.get("/datasets/properties", auth=Needs(Permission.READ), response=answers(s200=list[Property]))
def dataset_properties(request: HttpRequest) -> list[Property]:
    """The properties that can be set: what they may be, for which type, when, and what is dangerous about them."""
    return list(TABLE)


@router.get("/datasets/{dataset_id}", auth=Needs(Permission.READ), response=answers(s200=DatasetDetail), by_alias=True)
def get_dataset(request: HttpRequest, response: HttpResponse, dataset_id: UUID) -> dict[str, Any]:
    """One dataset with all its properties in effect and where they come from; its version stands in ETag."""
    row = find_dataset(dataset_id)
    tag(response, row.version)
    properties = {
        name: {"value": found.value, "source": found.source, "from": found.ancestor}
        for name, found in effective_of(row).items()
    }
    return {**_rows([row])[0], "properties": properties, "wanted": row.wanted}


def _matching(q: DatasetFilter) -> DatasetQuerySet:
    rows = Dataset.objects.all()
    if q.pool:
        rows = rows.filter(pool__in=Pool.objects.filter(name=q.pool).values("id"))
    if q.under:
        rows = rows.under(q.under)
    rows = rows.filter(**{field: value for field in ("parent", "type") if (value := getattr(q, field))})
    if q.search:
        rows = rows.filter(name__icontains=q.search)
    if q.drift is not None:
        rows = rows.exclude(drift=[]) if q.drift else rows.filter(drift=[])
    return rows


def _rows(found: list[Dataset]) -> list[dict[str, Any]]:
    pools = dict(Pool.objects.filter(id__in={row.pool for row in found}).values_list("id", "name"))
    usages = DatasetUsage.objects.in_bulk([row.id for row in found])
    keys = kept_keys(found)
    return [
        _fields(row, keys.get(row.id)) | {"pool": pools.get(row.pool, ""), "usage": usages.get(row.id)} for row in found
    ]


def _fields(row: Dataset, key: KeptKey | None) -> dict[str, Any]:
    fields = {f.attname: getattr(row, f.attname) for f in Dataset._meta.concrete_fields}
    kept = {"key_kept": key is not None, "key_fingerprint": key.fingerprint if key else ""}
    return fields | kept | {"key_exported_at": key.exported_at if key else None}
