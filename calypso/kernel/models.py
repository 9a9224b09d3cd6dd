"""Read models of the kernel: operations, alerts, and which version of each projection the tables were built by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

UNFINISHED = ("queued", "running")


class OperationQuerySet(models.QuerySet["Operation"]):
    def unfinished(self) -> OperationQuerySet:
        return self.filter(state__in=UNFINISHED)

    def touching(self, resources: Sequence[str]) -> OperationQuerySet:
        """Operations that share a resource with the given ones."""
        return self.filter(resources__overlap=list(resources))

    def ahead_of(self, operation: Operation) -> OperationQuerySet:
        """Unfinished operations asked for earlier on the same resources: they go first."""
        return self.unfinished().filter(position__lt=operation.position).touching(operation.resources)

    def in_flight_since(self, resources: Sequence[str], position: int) -> OperationQuerySet:
        """Operations on these resources that are unfinished now or ended after a position."""
        live = models.Q(state__in=UNFINISHED) | models.Q(last_position__gt=position)
        return self.touching(resources).filter(live)


class Operation(models.Model):
    """One command being carried out. States: queued, running, succeeded, failed, cancelled, interrupted."""

    id = models.UUIDField(primary_key=True)
    position = models.BigIntegerField(unique=True)
    last_position = models.BigIntegerField()
    command = models.TextField()
    title = models.TextField()
    input = models.JSONField()
    state = models.TextField()
    actor = models.TextField()
    auth = models.TextField()
    source = models.TextField()
    reason = models.TextField()
    correlation_id = models.UUIDField(null=True)
    resources = ArrayField(models.TextField())
    plan = models.JSONField()
    digest = models.TextField()
    steps = models.JSONField()
    error = models.JSONField(null=True)
    idempotency_key = models.TextField()
    request_digest = models.TextField()
    cancel_requested = models.BooleanField()
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OperationQuerySet.as_manager()
    if TYPE_CHECKING:
        _default_manager: models.Manager[Operation]

    class Meta:
        indexes = [
            models.Index(fields=["actor", "idempotency_key"], name="operation_idempotency"),
            models.Index(
                fields=["position"], condition=models.Q(state__in=["queued", "running"]), name="operation_unfinished"
            ),
            GinIndex(fields=["resources"], name="operation_resources"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def begun(self) -> bool:
        """Whether a step of it may have touched the box."""
        return any(step["state"] != "waiting" for step in self.steps)

    @property
    def finished(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def progress(self) -> OperationProgress | None:
        """How far the step in hand has got, while its tool tells."""
        if self.state != "running":
            return None
        sample = OperationProgress.objects.filter(pk=self.pk).first()
        return sample if sample and self.steps[sample.step]["state"] == "running" else None


class OperationProgress(models.Model):
    """The latest sample of a running operation: how far its step's tool has got. Not rebuilt, and gone with its end.

    ``done`` of ``total`` bytes, ``rate`` in bytes a second; what the tool does not tell is None.
    """

    operation = models.UUIDField(primary_key=True)
    step = models.IntegerField()
    percent = models.FloatField(null=True)
    done = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    rate = models.FloatField(null=True)
    eta_seconds = models.BigIntegerField(null=True)
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"step {self.step}: {self.percent} %"


class AlertQuerySet(models.QuerySet["Alert"]):
    def standing(self) -> AlertQuerySet:
        """Those that hold now, acknowledged or not."""
        return self.exclude(state="cleared")

    def about(self, resource: str) -> AlertQuerySet:
        """Those about this address or one below it."""
        below = models.Q(resource__startswith=f"{resource}.") | models.Q(resource__startswith=f"{resource}/")
        return self.filter(models.Q(resource=resource) | below)


class Alert(models.Model):
    """One trouble from its raise to its clear. States: active, acknowledged, cleared."""

    id = models.UUIDField(primary_key=True)
    rule = models.TextField()
    key = models.TextField()
    severity = models.TextField()
    grade = models.IntegerField()
    resource = models.TextField(db_index=True)
    title = models.TextField()
    text = models.TextField()
    advice = models.TextField()
    state = models.TextField()
    raised_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField()
    acknowledged_reason = models.TextField()
    cleared_at = models.DateTimeField(null=True)
    version = models.BigIntegerField()
    position = models.BigIntegerField(unique=True)

    objects = AlertQuerySet.as_manager()
    if TYPE_CHECKING:
        _default_manager: models.Manager[Alert]

    class Meta:
        indexes = [
            models.Index(
                fields=["rule", "key"], condition=models.Q(state__in=["active", "acknowledged"]), name="alert_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"


class Heartbeat(models.Model):
    """That a process lives: the latest sample. ``rounds``: when each of its loops last went round, ISO 8601."""

    process = models.TextField(primary_key=True)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)  # the last beat of the process before it
    rounds = models.JSONField()

    def __str__(self) -> str:
        return f"{self.process} {self.beat_at}"


class HealthSample(models.Model):
    """The state that a health check told last, and since when it has been seen to tell it. Not rebuilt."""

    name = models.TextField(primary_key=True)
    state = models.TextField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class BuiltProjection(models.Model):
    """The version of a projection that its tables were last built by."""

    name = models.TextField(primary_key=True)
    version = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
