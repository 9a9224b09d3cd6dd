"""Django admin: snapshots and bookmarks, read-only."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin

from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Bookmark, Snapshot
from calypso.kernel.admin import ReadOnlyAdmin


class OfDataset(ReadOnlyAdmin):
    """Rows that know their dataset by its id."""

    @admin.display(description="Dataset")
    def dataset_name(self, row: Snapshot | Bookmark) -> str:
        return name_of(row.dataset)


def name_of(dataset: UUID) -> str:
    found = Dataset.objects.filter(pk=dataset).first()
    return found.name if found else str(dataset)


@admin.register(Snapshot)
class SnapshotAdmin(OfDataset):
    list_display = ("name", "dataset_name", "created_at", "schedule", "holds", "defer_destroy")
    list_filter = ("defer_destroy",)
    search_fields = ("name", "guid")
    ordering = ("-created_at",)
    show_full_result_count = False


@admin.register(Bookmark)
class BookmarkAdmin(OfDataset):
    list_display = ("name", "dataset_name", "created_at")
    search_fields = ("name", "guid")
    ordering = ("name",)
