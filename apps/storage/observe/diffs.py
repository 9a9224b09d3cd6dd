"""Comparing snapshots: what the tool prints is kept as a sample, for its names of files belong into no event."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.storage import snapshot_reading
from apps.storage.models.snapshots import DiffEntry, SnapshotDiff
from calypso.kernel import box

KEPT = 20  # diffs
MOST = 100_000  # entries of one


@box.call("storage.diff")
def compare(older: str, newer: str, diff: str) -> None:
    """Compares and keeps the result under its id, instead of what is there of an earlier try."""
    found, more = snapshot_reading.differences(older, newer)
    kept = found[:MOST]
    key = UUID(diff)
    with transaction.atomic():
        _drop([key])
        SnapshotDiff.objects.create(
            id=key,
            older=older,
            newer=newer,
            entries=len(kept),
            truncated=more or len(found) > MOST,
            made_at=timezone.now(),
        )
        rows = (
            DiffEntry(
                diff=key,
                number=number,
                at=datetime.fromtimestamp(each.at, UTC),
                change=each.change,
                kind=each.kind,
                path=each.path,
                to=each.to,
            )
            for number, each in enumerate(kept, 1)
        )
        DiffEntry.objects.bulk_create(rows, batch_size=1000)
        _drop(list(SnapshotDiff.objects.order_by("-made_at").values_list("pk", flat=True)[KEPT:]))


def _drop(keys: list[UUID]) -> None:
    DiffEntry.objects.filter(diff__in=keys).delete()
    SnapshotDiff.objects.filter(pk__in=keys).delete()
