"""Read models of disks."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, F, Func, Value

_JSONPATH = "%(function)s(%(expressions)s::jsonpath)"


class DiskQuerySet(models.QuerySet["Disk"]):
    def by_id(self, ids: list[str]) -> dict[str, Disk]:
        return {disk.id: disk for disk in self.filter(id__in=ids)}

    def matching(self, words: str) -> DiskQuerySet:
        """Those with the words in their id, name, serial number or model; all for none."""
        if not words:
            return self.all()
        columns = ("id", "name", "serial", "model")
        return self.filter(reduce(or_, [models.Q(**{f"{c}__icontains": words}) for c in columns]))

    def available(self, members: list[str], wanted: bool) -> DiskQuerySet:
        """Those that may be put into a pool as they are, or all others. ``members``: disks that are in one."""
        path = Value('$[*] ? (@.kind != "loop_backing")')
        used = Func(F("uses"), path, function="jsonb_path_exists", template=_JSONPATH, output_field=BooleanField())
        free = models.Q(system=False, broken=False, read_only=False, used=False) & ~models.Q(id__in=members)
        if settings.CALYPSO_LAB:
            free &= models.Q(simulated=True)
        return self.alias(used=used).filter(free if wanted else ~free)

    def failing(self, failing: Any, wanted: bool) -> DiskQuerySet:
        """Those that are broken or among the failing ones (ids, or a query of them), or all others."""
        bad = models.Q(broken=True) | models.Q(id__in=failing)
        return self.filter(bad if wanted else ~bad)


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
