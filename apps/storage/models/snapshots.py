"""Read models of snapshots and bookmarks. SnapshotUsage holds samples: it is written by scans and not rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models.functions import Cast, Left

from apps.storage.models.datasets import Dataset, DatasetQuerySet

FEW = 1000  # rows that are found by their keys
_DATASET = Left("id", 36)  # a key is <dataset uuid>@<name>: each index that ends with it tells both
_NAME = models.Func(
    models.F("id"), models.Value("@"), models.Value(2), function="split_part", output_field=models.TextField()
)


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def of(self, dataset: UUID, names: Iterable[str] | None = None) -> SnapshotQuerySet:
        """Those of a dataset, or of these names of it."""
        found = self.filter(dataset=dataset)
        return found if names is None else found.filter(name__in=list(names))

    def under(self, datasets: DatasetQuerySet) -> SnapshotQuerySet:
        """Those of any of these datasets."""
        return self.filter(dataset__in=datasets.order_by().values("id"))

    def matching(self, words: str) -> SnapshotQuerySet:
        """``a`` in either name; ``a@b``: ``a`` at the end of the dataset's, ``b`` at the beginning of the snapshot's.

        What stands in either name is looked for in the key, so that a walk of an index alone finds a page of keys.
        """
        dataset, sign, name = words.partition("@")
        if sign:
            return self.filter(name__istartswith=name).under(Dataset.objects.filter(name__iendswith=dataset))
        datasets = Dataset.objects.filter(name__icontains=words).values(own_id=Cast("id", models.TextField()))
        in_key = self.alias(key_dataset=_DATASET, key_name=_NAME)
        return in_key.filter(models.Q(key_name__icontains=words) | models.Q(key_dataset__in=datasets))

    def narrowed(self) -> SnapshotQuerySet:
        """The same rows; few of them by their keys.

        Where few rows of many pass a filter, PostgreSQL walks a whole index in the order asked for to find a page of
        them. Where many do, that is soon done.
        """
        keys = list(self.order_by().values_list("pk", flat=True)[: FEW + 1])
        return self if len(keys) > FEW else self.model._default_manager.filter(pk__in=keys)  # type: ignore[return-value]  # same class

    def totals(self) -> dict[str, int]:
        """How many these are, and the bytes that they alone have."""
        sizes = SnapshotUsage.objects.filter(snapshot__in=self.order_by().values("id"))
        return {"count": self.count(), "bytes": sizes.aggregate(models.Sum("used"))["used__sum"] or 0}

    def held(self, held: bool = True) -> SnapshotQuerySet:
        return self.exclude(holds=[]) if held else self.filter(holds=[])

    def counts_by_pool(self) -> dict[UUID, int]:
        """How many there are in each pool."""
        return dict(self.order_by().values_list("pool").annotate(n=models.Count("pk")))

    def counts_by_dataset(self, above: int) -> dict[UUID, int]:
        """The datasets that have more snapshots than so many, and how many each."""
        grouped = self.order_by().values("dataset").annotate(n=models.Count("pk")).filter(n__gt=above)
        return dict(grouped.values_list("dataset", "n"))


class Snapshot(models.Model):
    """A snapshot. ``id`` is ``<dataset uuid>@<name>``; ``schedule`` the name of the schedule that made it, or ""."""

    id = models.TextField(primary_key=True, db_collation="C")
    dataset = models.UUIDField()
    pool = models.UUIDField()
    name = models.TextField(db_collation="C")
    guid = models.TextField()
    created_at = models.DateTimeField()
    created_txg = models.BigIntegerField()
    holds = models.JSONField()
    defer_destroy = models.BooleanField()
    schedule = models.TextField()
    position = models.BigIntegerField()

    objects = SnapshotQuerySet.as_manager()
    if TYPE_CHECKING:
        _default_manager: models.Manager[Snapshot]

    class Meta:
        indexes = [
            models.Index(fields=["created_at", "id"], name="snapshot_by_time"),
            models.Index(fields=["name", "id"], name="snapshot_by_name"),
            models.Index(fields=["dataset", "created_at", "id"], name="snapshot_of_dataset"),
            models.Index(fields=["dataset", "name", "id"], name="snapshot_of_dataset_name"),
            models.Index(fields=["pool", "created_at", "id"], name="snapshot_of_pool"),
            models.Index(fields=["pool", "name", "id"], name="snapshot_of_pool_name"),
            models.Index(
                fields=["schedule", "created_at", "id"], condition=~models.Q(schedule=""), name="snapshot_of_schedule"
            ),
            models.Index(
                fields=["schedule", "name", "id"], condition=~models.Q(schedule=""), name="snapshot_of_schedule_name"
            ),
            models.Index(fields=["created_at", "id"], condition=~models.Q(holds=[]), name="snapshot_held"),
        ]

    def __str__(self) -> str:
        return self.id


class SnapshotUsage(models.Model):
    """The latest sample of what changes with its neighbours: bytes that it alone has, and that it shows."""

    snapshot = models.TextField(primary_key=True, db_collation="C")
    used = models.BigIntegerField()
    referenced = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.used} used"


class Bookmark(models.Model):
    """A bookmark. ``id`` is ``<dataset uuid>#<name>``; ``guid`` that of the snapshot that it was made of."""

    id = models.TextField(primary_key=True, db_collation="C")
    dataset = models.UUIDField(db_index=True)
    pool = models.UUIDField(db_index=True)
    name = models.TextField(db_collation="C")
    guid = models.TextField()
    created_at = models.DateTimeField()
    created_txg = models.BigIntegerField()
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return self.id


class SnapshotDiff(models.Model):
    """What `zfs diff` printed for an operation, which minted its id. A sample: not rebuilt, the oldest are dropped."""

    id = models.UUIDField(primary_key=True)
    older = models.TextField()
    newer = models.TextField()
    entries = models.IntegerField()
    truncated = models.BooleanField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.older} to {self.newer}"


class DiffEntry(models.Model):
    """One difference; ``number`` counts from 1 in the tool's order."""

    diff = models.UUIDField()
    number = models.IntegerField()
    at = models.DateTimeField()
    change = models.TextField()
    kind = models.TextField()
    path = models.TextField()
    to = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["diff", "number", "id"], name="snapshot_diff_entry")]

    def __str__(self) -> str:
        return f"{self.change} {self.path}"
