"""The ledger's own table, read through Django: no table of ours, never written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from calypso.kernel.actors import Actor, Permission
from calypso.kernel.events import Kind


class LedgerEventQuerySet(models.QuerySet["LedgerEvent"]):
    def seen_by(self, actor: Actor) -> LedgerEventQuerySet:
        """Without security events for whoever may not audit."""
        return self.all() if actor.may(Permission.AUDIT) else self.exclude(kind=Kind.SECURITY)

    def narrowed(
        self,
        *,
        after: int | None,
        type: str,
        stream: str,
        actor: str,
        kind: str,
        operation: UUID | None,
        since: datetime | None,
        until: datetime | None,
    ) -> LedgerEventQuerySet:
        """Events that match all filters given; empty ones don't count. Times without a zone are UTC."""
        rows = self
        exact = {"actor": actor, "kind": kind}
        rows = rows.filter(**{field: value for field, value in exact.items() if value})
        if operation is not None:  # its own life is its stream; what it caused names it
            rows = rows.filter(models.Q(operation_id=operation) | models.Q(stream=operation))
        if after is not None:
            rows = rows.filter(position__gt=after)
        if type:
            rows = rows.filter(models.Q(type=type) | models.Q(type__startswith=type.rstrip(".") + "."))
        if stream:
            rows = rows.of_stream(stream)
        if since is not None:
            rows = rows.filter(recorded_at__gte=_aware(since))
        if until is not None:
            rows = rows.filter(recorded_at__lt=_aware(until))
        return rows

    def of_stream(self, stream: str) -> LedgerEventQuerySet:
        """A stream by its id, or whatever names a resource's address."""
        try:
            return self.filter(stream=UUID(stream))
        except ValueError:
            return self.filter(keys__contains=[stream])


def _aware(time: datetime) -> datetime:
    return time if timezone.is_aware(time) else timezone.make_aware(time)


class LedgerEvent(models.Model):
    position = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField()
    stream = models.UUIDField()
    version = models.BigIntegerField()
    type = models.TextField()
    kind = models.TextField()
    recorded_at = models.DateTimeField()
    actor = models.TextField()
    auth = models.TextField()
    source = models.TextField()
    reason = models.TextField()
    operation_id = models.UUIDField(null=True)
    correlation_id = models.UUIDField(null=True)
    causation_id = models.UUIDField(null=True)
    keys = ArrayField(models.TextField())
    state = models.BinaryField()
    leaf_hash = models.BinaryField(db_column="leaf")

    objects = LedgerEventQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = 'ledger"."event'  # Django's way to name a table in another schema
        verbose_name = "event"

    def __str__(self) -> str:
        return f"#{self.position} {self.type}"

    @property
    def data(self) -> dict[str, Any]:
        found = orjson.loads(bytes(self.state))
        return found if isinstance(found, dict) else {}

    @property
    def leaf(self) -> str:
        return bytes(self.leaf_hash).hex()
