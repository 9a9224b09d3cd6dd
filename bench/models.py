"""One model four times: unaudited, and audited by each of the libraries that a Django team would take."""

from __future__ import annotations

import pghistory
from auditlog.registry import auditlog
from django.db import models
from simple_history.models import HistoricalRecords


class PoolState(models.Model):
    """About what a pool's row holds."""

    name = models.TextField()
    state = models.TextField()
    scrub = models.TextField()
    size = models.BigIntegerField()
    layout = models.JSONField()

    class Meta:
        abstract = True


class Unaudited(PoolState):
    pass


class WithAuditlog(PoolState):
    pass


class WithSimpleHistory(PoolState):
    history = HistoricalRecords()


@pghistory.track()
class WithPghistory(PoolState):
    pass


auditlog.register(WithAuditlog)
