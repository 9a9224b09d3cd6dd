"""The read model of the machine's boots."""

from __future__ import annotations

from django.db import models


class Boot(models.Model):
    """One boot of the machine; the one that lasts has no ``how``."""

    id = models.UUIDField(primary_key=True)
    booted_at = models.DateTimeField()
    kernel = models.TextField()
    how = models.TextField()  # clean, unclean, unknown, "" while it lasts
    because = models.TextField()
    seen_at = models.DateTimeField(null=True)
    asked_by = models.UUIDField(null=True)
    position = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.booted_at} {self.how or 'runs'}"
