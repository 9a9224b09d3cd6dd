"""Read models of pools. PoolUsage holds samples: it is written by each scan and not rebuilt from events."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class PoolQuerySet(models.QuerySet["Pool"]):
    def named(self, name: str) -> Pool | None:
        return self.filter(name=name).first()

    def members(self) -> dict[str, str]:
        """The pool of each disk that is in one: {disk id: pool name}. A missing pool holds none: it may be destroyed.

        Where it was exported instead, its labels on the disks are among their uses.
        """
        here = self.exclude(state="MISSING").values_list("name", "disks")
        return {disk: name for name, disks in here for disk in disks}


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
    properties = models.JSONField()
    wanted = models.JSONField()
    drift = models.JSONField()
    upgradable = models.BooleanField()
    checkpoint = models.BooleanField()
    removal = models.JSONField(null=True)
    created_by = models.TextField()
    created_at = models.DateTimeField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    objects = PoolQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class PoolUsage(models.Model):
    """The latest sample of what changes all the time. Sizes in bytes, capacity and fragmentation in percent.

    ``activities``: what goes on in it (see compare/activities.py).
    """

    pool = models.UUIDField(primary_key=True)
    allocated = models.BigIntegerField()
    free = models.BigIntegerField()
    capacity = models.IntegerField()
    fragmentation = models.IntegerField(null=True)
    scan_percent = models.FloatField(null=True)
    scan_seconds_to_go = models.BigIntegerField(null=True)
    activities = models.JSONField(default=list)
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.allocated} of {self.allocated + self.free}"


class ImportablePool(models.Model):
    """A pool that is on attached disks but not in use here, as the latest search found it: a sample.

    ``foreign``: another system used it last. ``missing_log``: its log is away. ``usable``: enough of it is here.
    """

    guid = models.TextField(primary_key=True)
    name = models.TextField()
    state = models.TextField()
    destroyed = models.BooleanField()
    foreign = models.BooleanField()
    missing_log = models.BooleanField()
    usable = models.BooleanField()
    status = models.TextField()
    action = models.TextField()
    layout = models.JSONField()
    disks = ArrayField(models.TextField())
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
