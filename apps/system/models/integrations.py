"""What was found of the tools that Calypso works with. A sample, not rebuilt."""

from __future__ import annotations

from django.db import models


class IntegrationSample(models.Model):
    """The signs of one integration, as at the last look."""

    name = models.TextField(primary_key=True)
    programs = models.JSONField()
    units = models.JSONField()
    processes = models.JSONField()
    core = models.BooleanField()
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(self.programs) or 'nothing'}"
