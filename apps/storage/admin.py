"""Django admin: disks and pools, read-only, with a scrub that asks for a reason."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.storage.commands.pools import ScrubPool
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from calypso.kernel.admin import ReadOnlyAdmin, dispatching, pretty


@admin.register(Disk)
class DiskAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "model", "serial", "size", "transport", "simulated", "system", "broken")
    list_filter = ("transport", "simulated", "system", "broken", "rotational")
    search_fields = ("id", "name", "serial", "model")
    ordering = ("id",)


@admin.register(Pool)
class PoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "state_since", "size", "errors", "created_by", "created_at")
    list_filter = ("state", "created_by")
    search_fields = ("name", "guid")
    ordering = ("name",)
    exclude = ("layout", "scan")
    readonly_fields = ("layout_text", "scan_text")
    actions = ("scrub",)

    scrub = dispatching("Scrub the chosen pools", lambda pool, reason: ScrubPool(name=pool.name, reason=reason))

    @admin.display(description="Layout")
    def layout_text(self, pool: Pool) -> SafeString:
        return pretty(pool.layout)

    @admin.display(description="Scan")
    def scan_text(self, pool: Pool) -> SafeString:
        return pretty(pool.scan)
