"""Django admin: services, read-only; starts and restarts ask for a reason."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.system.commands.services import ReloadService, RestartService, StartService
from apps.system.models.services import Service, ServiceDetail
from calypso.kernel.admin import ReadOnlyAdmin, dispatching, pretty


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    list_display = ("unit", "description", "part", "active", "sub", "file_state", "result", "since")
    list_filter = ("active", "part", "file_state", "load")
    search_fields = ("unit", "description")
    ordering = ("rank", "unit")
    readonly_fields = ("details",)
    actions = ("start", "restart", "reload")

    start = dispatching("Start the chosen units", lambda row, reason: StartService(name=row.unit, reason=reason))
    restart = dispatching("Restart the chosen units", lambda row, reason: RestartService(name=row.unit, reason=reason))
    reload = dispatching(
        "Have the chosen units reload", lambda row, reason: ReloadService(name=row.unit, reason=reason)
    )

    @admin.display(description="Properties and dependencies")
    def details(self, service: Service) -> SafeString | str:
        detail = ServiceDetail.objects.filter(pk=service.unit).first()
        return pretty({"properties": detail.properties, "dependencies": detail.dependencies}) if detail else "none yet"
