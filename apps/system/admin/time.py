"""Django admin: the clock, its sources, the name and DNS, read-only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.system.models.names import DnsState, HostnameState
from apps.system.models.time import ClockSample, NtpSource, TimeState
from calypso.kernel.admin import ReadOnlyAdmin, pretty


@admin.register(TimeState)
class TimeAdmin(ReadOnlyAdmin):
    list_display = ("timezone", "ntp", "service", "running", "synchronised", "reference", "since")
    exclude = ("servers", "wanted")
    readonly_fields = ("servers_text", "wanted_text")

    @admin.display(description="Servers")
    def servers_text(self, state: TimeState) -> SafeString:
        return pretty(state.servers)

    @admin.display(description="As set here")
    def wanted_text(self, state: TimeState) -> SafeString:
        return pretty(state.wanted)


@admin.register(NtpSource)
class SourceAdmin(ReadOnlyAdmin):
    list_display = ("address", "mode", "state", "stratum", "reach", "last", "offset", "sampled_at")
    ordering = ("number",)


@admin.register(ClockSample)
class ClockAdmin(ReadOnlyAdmin):
    list_display = ("offset", "frequency", "root_delay", "root_dispersion", "leap", "sampled_at")


@admin.register(HostnameState)
class HostnameAdmin(ReadOnlyAdmin):
    list_display = ("hostname", "static", "wanted", "message")


@admin.register(DnsState)
class DnsAdmin(ReadOnlyAdmin):
    list_display = ("way", "servers", "search", "keeper")
