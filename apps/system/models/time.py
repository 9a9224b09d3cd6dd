"""Read models of the clock, and its latest figures, which are samples."""

from __future__ import annotations

from django.db import models


class TimeState(models.Model):
    """How the clock is kept; one row, ``time``. ``servers``: as domain/time.py's NtpServer; ``wanted``: {field: value}
    of what was set by Calypso. ``synchronised`` None: not looked yet; ``why``: why it is not, ``reference``: to what
    it is, since ``since``."""

    name = models.TextField(primary_key=True)
    timezone = models.TextField()
    ntp = models.BooleanField()
    can_ntp = models.BooleanField()
    local_rtc = models.BooleanField()
    service = models.TextField()
    running = models.BooleanField()
    path = models.TextField()
    servers = models.JSONField()
    code = models.TextField()
    message = models.TextField()
    synchronised = models.BooleanField(null=True)
    reference = models.TextField()
    stratum = models.IntegerField(null=True)
    why = models.TextField()
    since = models.DateTimeField(null=True)
    wanted = models.JSONField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "time"

    def __str__(self) -> str:
        return self.timezone


class ClockSample(models.Model):
    """The latest figures of the clock; one row, ``clock``. Seconds; ``frequency`` and ``skew`` in ppm."""

    name = models.TextField(primary_key=True)
    offset = models.FloatField(null=True)
    last_offset = models.FloatField(null=True)
    rms_offset = models.FloatField(null=True)
    frequency = models.FloatField(null=True)
    skew = models.FloatField(null=True)
    root_delay = models.FloatField(null=True)
    root_dispersion = models.FloatField(null=True)
    leap = models.TextField()
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.offset} s"


class NtpSource(models.Model):
    """The latest figures of one that is asked, in the order in which the service tells them. A pool has several."""

    number = models.IntegerField(primary_key=True)
    address = models.TextField()
    mode = models.TextField()
    state = models.TextField()
    stratum = models.IntegerField()
    poll = models.IntegerField()
    reach = models.IntegerField()
    last = models.BigIntegerField(null=True)
    offset = models.FloatField()
    error = models.FloatField()
    sampled_at = models.DateTimeField()

    class Meta:
        verbose_name = "NTP source"

    def __str__(self) -> str:
        return self.address
