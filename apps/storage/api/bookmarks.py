"""REST: bookmarks of snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.router import router
from apps.storage.commands.snapshots import CreateBookmark, DestroyBookmark
from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Bookmark
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, Destroying, How, Needs, Preconditions, answers, submit


class BookmarkOut(Schema):
    id: str
    full_name: str = Field(description="tank/data#sent")
    name: str
    dataset: str
    dataset_id: UUID
    guid: str = Field(description="That of the snapshot it was made of.")
    created_at: datetime
    created_txg: int


class BookmarkFilter(Page):
    dataset: str = Field("", max_length=255)
    under: str = Field("", max_length=255)


class DestroyingBookmark(Destroying):
    name: str = Field(min_length=3, max_length=255, description="The bookmark's full name.")


@router.get("/bookmarks", auth=Needs(Permission.READ), response=answers(s200=Paged[BookmarkOut]))
def list_bookmarks(request: HttpRequest, q: Query[BookmarkFilter]) -> dict[str, Any]:
    """Bookmarks, whoever made them."""
    rows = Bookmark.objects.all()
    if q.dataset:
        rows = rows.filter(dataset__in=Dataset.objects.filter(name=q.dataset).values("id"))
    if q.under:
        rows = rows.filter(dataset__in=Dataset.objects.under(q.under).values("id"))
    page = paged(rows, q, orders=["name", "created_at"])
    names = dict(Dataset.objects.filter(id__in={row.dataset for row in page["items"]}).values_list("id", "name"))
    return {**page, "items": [_out(row, names.get(row.dataset, "")) for row in page["items"]]}


@router.post("/bookmarks", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def create_bookmark(request: HttpRequest, body: CreateBookmark, how: Query[How], given: Header[Preconditions]) -> Any:
    """Remembers a snapshot as the beginning of an incremental send."""
    return submit(request, body, how, given)


@router.delete("/bookmarks", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def destroy_bookmark(request: HttpRequest, how: Query[DestroyingBookmark], given: Header[Preconditions]) -> Any:
    """Forgets a bookmark: ``name`` is its full name, which ``confirm`` repeats."""
    return submit(request, DestroyBookmark(bookmark=how.name, reason=how.reason), how, given, how.confirm)


def _out(row: Bookmark, dataset: str) -> dict[str, Any]:
    fields = {f.attname: getattr(row, f.attname) for f in Bookmark._meta.concrete_fields}
    return fields | {"full_name": f"{dataset}#{row.name}", "dataset": dataset, "dataset_id": row.dataset}
