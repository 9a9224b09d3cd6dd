"""Django admin: disks, what they tell of themselves, and pools, read-only; scrubs and self-tests ask for a reason."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.storage.commands.disks import RunSelfTest
from apps.storage.commands.disks_of_pools import ClearPool, TrimPool
from apps.storage.commands.pools import ScrubPool
from apps.storage.commands.upkeep import CheckpointPool
from apps.storage.models.disks import Disk
from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.models.smart import DiskSmart
from calypso.kernel.admin import ReadOnlyAdmin, dispatching, pretty


@admin.register(Disk)
class DiskAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "model", "serial", "size", "transport", "simulated", "system", "broken")
    list_filter = ("transport", "simulated", "system", "broken", "rotational")
    search_fields = ("id", "name", "serial", "model")
    ordering = ("id",)
    actions = ("self_test",)

    self_test = dispatching(
        "Start a short self-test of the chosen disks", lambda disk, reason: RunSelfTest(disk=disk.id, reason=reason)
    )


@admin.register(DiskSmart)
class DiskSmartAdmin(ReadOnlyAdmin):
    list_display = ("disk", "state", "passed", "temperature", "power_on_hours", "wear", "self_test", "sampled_at")
    list_filter = ("state", "passed")
    search_fields = ("disk",)
    ordering = ("disk",)
    exclude = ("document",)
    readonly_fields = ("document_text",)

    @admin.display(description="smartctl's document")
    def document_text(self, smart: DiskSmart) -> SafeString:
        return pretty(smart.document)


@admin.register(Pool)
class PoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "state_since", "size", "errors", "created_by", "created_at")
    list_filter = ("state", "created_by")
    search_fields = ("name", "guid")
    ordering = ("name",)
    exclude = ("layout", "scan", "properties", "wanted", "drift")
    readonly_fields = ("layout_text", "scan_text", "properties_text", "wanted_text", "drift_text")
    actions = ("scrub", "clear", "trim", "checkpoint")

    scrub = dispatching("Scrub the chosen pools", lambda pool, reason: ScrubPool(name=pool.name, reason=reason))
    clear = dispatching(
        "Clear the errors of the chosen pools", lambda pool, reason: ClearPool(name=pool.name, reason=reason)
    )
    trim = dispatching("Trim the chosen pools", lambda pool, reason: TrimPool(name=pool.name, reason=reason))
    checkpoint = dispatching(
        "Make a checkpoint of the chosen pools", lambda pool, reason: CheckpointPool(name=pool.name, reason=reason)
    )

    @admin.display(description="Properties")
    def properties_text(self, pool: Pool) -> SafeString:
        return pretty(pool.properties)

    @admin.display(description="Wanted")
    def wanted_text(self, pool: Pool) -> SafeString:
        return pretty(pool.wanted)

    @admin.display(description="Drift")
    def drift_text(self, pool: Pool) -> SafeString:
        return pretty(pool.drift)

    @admin.display(description="Layout")
    def layout_text(self, pool: Pool) -> SafeString:
        return pretty(pool.layout)

    @admin.display(description="Scan")
    def scan_text(self, pool: Pool) -> SafeString:
        return pretty(pool.scan)


@admin.register(ImportablePool)
class ImportablePoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "guid", "state", "destroyed", "foreign", "missing_log", "usable", "found_at")
    list_filter = ("state", "destroyed", "foreign", "usable")
    search_fields = ("name", "guid")
    ordering = ("name",)
    exclude = ("layout",)
    readonly_fields = ("layout_text",)

    @admin.display(description="Layout")
    def layout_text(self, pool: ImportablePool) -> SafeString:
        return pretty(pool.layout)
