"""Read models of services. ServiceDetail holds samples: it is not rebuilt from events."""

from __future__ import annotations

from django.db import models

from apps.system.domain.services import why_failed


class Service(models.Model):
    """A unit of systemd. ``rank`` orders by what Calypso manages, ``part``; ``branch``: why one would miss it badly.

    ``wanted``: the file state in force by configuration, or "".
    """

    unit = models.TextField(primary_key=True)
    description = models.TextField()
    load = models.TextField()
    active = models.TextField(db_index=True)
    sub = models.TextField()
    file_state = models.TextField()
    result = models.TextField()
    exit_code = models.IntegerField()
    exit_status = models.IntegerField()
    since = models.DateTimeField(null=True)
    rank = models.IntegerField()
    part = models.TextField()
    branch = models.TextField()
    wanted = models.TextField()
    changes = models.IntegerField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["rank", "unit"], name="services_in_order"),)

    def __str__(self) -> str:
        return self.unit

    @property
    def why(self) -> str:
        """Why it failed, in words; "" where it did not."""
        return why_failed(self.result, self.exit_status) if self.active == "failed" else ""


class ServiceManager(models.Model):
    """systemd itself: whether it answers."""

    name = models.TextField(primary_key=True)
    ok = models.BooleanField()
    systemd_version = models.TextField()
    code = models.TextField()
    message = models.TextField()
    detail = models.TextField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return "answers" if self.ok else self.message


class ServiceDetail(models.Model):
    """What systemd showed of a unit at the latest look: figures, what it can do, what it needs and is needed by."""

    unit = models.TextField(primary_key=True)
    properties = models.JSONField()
    dependencies = models.JSONField()
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.unit
