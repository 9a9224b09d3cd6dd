"""Samples: what the box shows at one moment, written by scans and not rebuilt from events."""

from __future__ import annotations

from django.db import models


class CapacitySample(models.Model):
    """How full a pool was. ``span``: what one row stands for: a scan, an hour, a day. Sizes in bytes."""

    pool = models.UUIDField()
    at = models.DateTimeField()
    span = models.TextField()
    size = models.BigIntegerField()
    allocated = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["pool", "span", "at"], name="storage_capacity")]

    def __str__(self) -> str:
        return f"{self.allocated} of {self.size} at {self.at}"


class IoSample(models.Model):
    """Input and output of one vdev over the seconds before ``at``. ``place``: its place in the tool's list.

    Rates per second, bytes per second, waits in nanoseconds (None where the tool gives none).
    """

    pool = models.UUIDField()
    at = models.DateTimeField()
    place = models.IntegerField()
    vdev = models.TextField()
    allocated = models.BigIntegerField()
    free = models.BigIntegerField()
    reads = models.BigIntegerField()
    writes = models.BigIntegerField()
    read_bytes = models.BigIntegerField()
    write_bytes = models.BigIntegerField()
    read_wait = models.BigIntegerField(null=True)
    write_wait = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["pool", "at"], name="storage_io")]

    def __str__(self) -> str:
        return f"{self.vdev} at {self.at}"


class HolderQuerySet(models.QuerySet["Holder"]):
    def below(self, name: str) -> HolderQuerySet:
        """Those of a pool or dataset and of all below it."""
        return self.filter(models.Q(dataset=name) | models.Q(dataset__startswith=f"{name}/"))


class Holder(models.Model):
    """What holds a dataset at this moment. ``kind``: process, mount, loop, swap, zvol …; pid 0: the kernel."""

    dataset = models.TextField(db_index=True)
    kind = models.TextField()
    pid = models.IntegerField()
    name = models.TextField()
    detail = models.TextField()

    objects = HolderQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.detail}"
