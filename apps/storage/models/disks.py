"""Read models of disks."""

from __future__ import annotations

from functools import reduce
from operator import or_

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
