"""The read model of ZFS itself."""

from __future__ import annotations

from django.db import models


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
