"""Read models of datasets: file systems and volumes. DatasetUsage and QuotaUsage hold samples and are not rebuilt."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, models

_NEARLY_FULL = """SELECT d.id, d.name, q.quota, (100.0 * q.used / q.most)::float
    FROM storage_dataset d JOIN storage_datasetusage u ON u.dataset = d.id
    CROSS JOIN LATERAL (
        SELECT quota, used, CASE WHEN value ~ '^[1-9][0-9]{0,17}$' THEN value::bigint END AS most
        FROM (VALUES ('quota', d.properties #>> '{quota,value}', u.used),
                     ('refquota', d.properties #>> '{refquota,value}', u.referenced)) AS v (quota, value, used)) q
    WHERE d.properties ?| ARRAY['quota', 'refquota'] AND q.most IS NOT NULL AND 100.0 * q.used >= %s * q.most"""


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def named(self, name: str) -> Dataset | None:
        return self.filter(name=name).first()

    def below(self, name: str) -> DatasetQuerySet:
        """All that is below a dataset, at any depth, without itself."""
        return self.filter(name__startswith=f"{name}/")

    def under(self, name: str) -> DatasetQuerySet:
        """A dataset and all below it."""
        return self.filter(models.Q(name=name) | models.Q(name__startswith=f"{name}/"))

    def from_snapshots_under(self, name: str) -> DatasetQuerySet:
        """The clones of snapshots of a dataset, or of any below it."""
        return self.filter(models.Q(origin__startswith=f"{name}@") | models.Q(origin__startswith=f"{name}/"))

    def clones_of(self, pool: UUID, datasets: Iterable[str]) -> list[Dataset]:
        """Those made from a snapshot of one of these datasets."""
        wanted = set(datasets)
        clones = self.filter(pool=pool).exclude(origin="")
        return [clone for clone in clones if clone.origin.partition("@")[0] in wanted]

    def counts_by_pool(self, pools: Iterable[UUID]) -> dict[UUID, int]:
        """How many there are in each of these pools."""
        there = self.filter(pool__in=list(pools), missing=False)
        return dict(there.order_by().values_list("pool").annotate(n=models.Count("pk")))

    def nearly_full(self, percent: float) -> list[tuple[UUID, str, str, float]]:
        """(id, name, quota or refquota, percent used) of those that have used so much of one, by the latest sample."""
        with connection.cursor() as cursor:
            cursor.execute(_NEARLY_FULL, [percent])
            return list(cursor.fetchall())


class Dataset(models.Model):
    """A file system or a volume.

    ``properties`` {name: {value, source}} has only what is set on it (see DatasetState); ``wanted`` {name: value} is
    what configuration says; ``quotas`` {"user:alice": {space, objects}} likewise. ``key`` is the reference of a key
    that Calypso keeps, or "".
    """

    id = models.UUIDField(primary_key=True)
    pool = models.UUIDField(db_index=True)
    name = models.TextField(db_collation="C")
    parent = models.TextField(db_index=True)
    type = models.TextField()
    guid = models.TextField()
    origin = models.TextField()
    created_at = models.DateTimeField()
    mountpoint = models.TextField()
    mounted = models.BooleanField()
    encryption = models.TextField()
    encryption_root = models.TextField()
    key_status = models.TextField()
    key_format = models.TextField()
    key_location = models.TextField()
    key = models.TextField()
    volsize = models.BigIntegerField(null=True)
    properties = models.JSONField()
    wanted = models.JSONField()
    quotas = models.JSONField()
    drift = models.JSONField()
    missing = models.BooleanField()
    created_by = models.TextField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    objects = DatasetQuerySet.as_manager()

    class Meta:
        constraints = [  # looked at on commit: two may exchange their names
            models.UniqueConstraint(fields=["name"], name="dataset_name", deferrable=models.Deferrable.DEFERRED)
        ]
        indexes = [
            models.Index(fields=["pool", "origin"], condition=~models.Q(origin=""), name="dataset_clones"),
            models.Index(fields=["name"], condition=~models.Q(drift=[]), name="dataset_drifted"),
        ]

    def __str__(self) -> str:
        return self.name


class KeptKey(models.Model):
    """A key that Calypso keeps. ``guid``: its dataset's once that is off the box with its pool, to know it again."""

    key = models.TextField(primary_key=True)
    dataset = models.UUIDField(db_index=True)
    guid = models.TextField(db_index=True)
    fingerprint = models.TextField()
    exported_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.fingerprint


class DatasetUsage(models.Model):
    """The latest sample of what changes all the time. Bytes; ``snapshots_changed`` in Unix seconds."""

    dataset = models.UUIDField(primary_key=True)
    used = models.BigIntegerField()
    available = models.BigIntegerField()
    referenced = models.BigIntegerField()
    used_by_snapshots = models.BigIntegerField()
    used_by_dataset = models.BigIntegerField()
    used_by_children = models.BigIntegerField()
    used_by_refreservation = models.BigIntegerField()
    compress_ratio = models.FloatField()
    logical_used = models.BigIntegerField()
    written = models.BigIntegerField()
    snapshots_changed = models.BigIntegerField(null=True)
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.used} used, {self.available} available"


class QuotaUsage(models.Model):
    """A sample of what a user, group or project uses in a file system, and its quotas; bytes, counts, null for none."""

    id = models.TextField(primary_key=True)  # <dataset>:<kind>:<who>
    dataset = models.UUIDField(db_index=True)
    kind = models.TextField()
    who = models.TextField()
    used = models.BigIntegerField()
    quota = models.BigIntegerField(null=True)
    objects_used = models.BigIntegerField(null=True)
    objects_quota = models.BigIntegerField(null=True)
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.who}: {self.used}"
