"""The read model of support bundles."""

from __future__ import annotations

from django.db import models


class SupportBundle(models.Model):
    """One archive in the folder of bundles. ``files``: [{path, bytes, sha256}]."""

    id = models.UUIDField(primary_key=True)
    bytes = models.BigIntegerField()
    sha256 = models.TextField()
    files = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.TextField()
    reason = models.TextField()
    position = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.made_at} {self.bytes} bytes"
