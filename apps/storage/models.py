"""Read models of storage. PoolUsage holds samples: it is written by each scan and not rebuilt from events."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DiskQuerySet(models.QuerySet["Disk"]):
    def by_id(self, ids: list[str]) -> dict[str, Disk]:
        return {disk.id: disk for disk in self.filter(id__in=ids)}

    def matching(self, words: str) -> DiskQuerySet:
        """Those with the words in their id, name, serial number or model; all for none."""
        if not words:
            return self.all()
        columns = ("id", "name", "serial", "model")
        return self.filter(reduce(or_, [models.Q(**{f"{c}__icontains": words}) for c in columns]))


class Disk(models.Model):
    """A disk that is attached now."""

    id = models.TextField(primary_key=True)
    name = models.TextField()
    path = models.TextField()
    serial = models.TextField(db_index=True)
    wwn = models.TextField()
    model = models.TextField()
    size = models.BigIntegerField()
    rotational = models.BooleanField(null=True)
    transport = models.TextField()
    removable = models.BooleanField()
    read_only = models.BooleanField()
    simulated = models.BooleanField()
    uses = models.JSONField()
    slot = models.TextField()
    broken = models.BooleanField()
    system = models.BooleanField()
    attached_at = models.DateTimeField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    objects = DiskQuerySet.as_manager()

    def __str__(self) -> str:
        return self.id


class PoolQuerySet(models.QuerySet["Pool"]):
    def named(self, name: str) -> Pool | None:
        return self.filter(name=name).first()

    def members(self) -> dict[str, str]:
        """The pool of each disk that is in one: {disk id: pool name}."""
        return {disk: name for name, disks in self.values_list("name", "disks") for disk in disks}


class Pool(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.TextField(unique=True)
    guid = models.TextField()
    state = models.TextField()
    state_since = models.DateTimeField()
    status = models.TextField()
    action = models.TextField()
    errors = models.TextField()
    read_only = models.BooleanField()
    size = models.BigIntegerField()
    layout = models.JSONField()
    disks = ArrayField(models.TextField())
    scan = models.JSONField(null=True)
    created_by = models.TextField()
    created_at = models.DateTimeField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    objects = PoolQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ZfsState(models.Model):
    """Whether ZFS answers, since when. One row, ``zfs``."""

    name = models.TextField(primary_key=True)
    ok = models.BooleanField()
    zfs_version = models.TextField()
    code = models.TextField()
    message = models.TextField()
    detail = models.TextField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.message or self.zfs_version


class PoolUsage(models.Model):
    """The latest sample of what changes all the time. Sizes in bytes, capacity and fragmentation in percent."""

    pool = models.UUIDField(primary_key=True)
    allocated = models.BigIntegerField()
    free = models.BigIntegerField()
    capacity = models.IntegerField()
    fragmentation = models.IntegerField(null=True)
    scan_percent = models.FloatField(null=True)
    scan_seconds_to_go = models.BigIntegerField(null=True)
    datasets = models.JSONField()
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.allocated} of {self.allocated + self.free}"
