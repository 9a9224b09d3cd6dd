"""Django admin: the machine's boots, and heartbeats of Calypso's processes; read-only."""

from __future__ import annotations

from django.contrib import admin

from apps.system.models.power import Boot
from calypso.kernel.admin import ReadOnlyAdmin
from calypso.kernel.models import HealthSample, Heartbeat


@admin.register(Boot)
class BootAdmin(ReadOnlyAdmin):
    list_display = ("id", "booted_at", "kernel", "how", "because", "seen_at", "asked_by")
    list_filter = ("how",)
    ordering = ("-position",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("process", "pid", "started_at", "beat_at")
    ordering = ("process",)


@admin.register(HealthSample)
class HealthSampleAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "since")
    ordering = ("name",)
