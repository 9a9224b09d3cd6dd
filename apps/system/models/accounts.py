"""Read models of the system context. TokenUse is a sample, not a read model: it is not rebuilt from events."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TokenQuerySet(models.QuerySet["Token"]):
    def valid(self, now: datetime) -> TokenQuerySet:
        return self.filter(revoked_at=None).filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now))


class Token(models.Model):
    id = models.UUIDField(primary_key=True)
    username = models.TextField(db_index=True)
    name = models.TextField()
    scope = ArrayField(models.TextField())
    fingerprint = models.TextField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = TokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.username}: {self.name}"


class TokenUse(models.Model):
    """When a token was last used, to the minute."""

    token = models.UUIDField(primary_key=True)
    used_at = models.DateTimeField()
    source = models.TextField()

    def __str__(self) -> str:
        return f"{self.token} {self.used_at}"
