"""What disks tell of themselves. DiskSmart, DiskTemperature and DiskBay hold samples and are not rebuilt."""

from __future__ import annotations

from django.db import models


class DiskHealthQuerySet(models.QuerySet["DiskHealth"]):
    def failing(self) -> DiskHealthQuerySet:
        """Failing by their own verdict, or by their last self-test."""
        return self.filter(models.Q(passed=False) | models.Q(last_test__passed=False))


class DiskHealth(models.Model):
    """The verdict and the counts of the last DiskHealthChanged, the last self-test that ended. No row: always well."""

    disk = models.TextField(primary_key=True)
    passed = models.BooleanField(null=True)
    reallocated = models.BigIntegerField(null=True)
    pending = models.BigIntegerField(null=True)
    uncorrectable = models.BigIntegerField(null=True)
    media_errors = models.BigIntegerField(null=True)
    last_test = models.JSONField(null=True)
    changed_at = models.DateTimeField()
    position = models.BigIntegerField()

    objects = DiskHealthQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.disk}: {'failing' if self.passed is False else 'passed'}"


class DiskWipe(models.Model):
    """The last wipe of a disk. ``state``: wiped, or partly (it was aborted)."""

    disk = models.TextField(primary_key=True)
    method = models.TextField()
    state = models.TextField()
    step = models.TextField()
    done = models.BigIntegerField(null=True)
    size = models.BigIntegerField()
    ended_at = models.DateTimeField()
    operation = models.UUIDField(null=True)
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.disk}: {self.state}"


class DiskSmart(models.Model):
    """The latest look at a disk's SMART data.

    state: ok, asleep (it sleeps and was not woken; the rest is from before), unsupported, failed (code, message).
    Temperatures in °C, wear in percent of the life that the maker gave it; self_test: kind of the running one or "".
    """

    disk = models.TextField(primary_key=True)
    state = models.TextField()
    code = models.TextField()
    message = models.TextField()
    passed = models.BooleanField(null=True)
    temperature = models.IntegerField(null=True)
    temperature_limit = models.IntegerField(null=True)
    power_on_hours = models.BigIntegerField(null=True)
    reallocated = models.BigIntegerField(null=True)
    pending = models.BigIntegerField(null=True)
    uncorrectable = models.BigIntegerField(null=True)
    media_errors = models.BigIntegerField(null=True)
    wear = models.IntegerField(null=True)
    self_test = models.TextField()
    self_test_percent = models.IntegerField(null=True)
    self_tests = models.JSONField()
    document = models.JSONField()
    tried_at = models.DateTimeField()
    sampled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.disk}: {self.state}"


class DiskTemperature(models.Model):
    """How warm a disk was, °C. ``span``: what one row stands for: ``sample``, or ``hour`` (its highest)."""

    disk = models.TextField()
    at = models.DateTimeField()
    span = models.TextField()
    celsius = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["disk", "at"], name="storage_temperature")]

    def __str__(self) -> str:
        return f"{self.disk}: {self.celsius} °C"


class DiskBay(models.Model):
    """The light at a disk's bay. ``way``: how it is switched: sysfs, or ledctl; on: None where it can't be read."""

    disk = models.TextField(primary_key=True)
    way = models.TextField()
    on = models.BooleanField(null=True)
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.disk}: {self.on}"
