"""Django admin: datasets."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.storage.commands.datasets import PromoteClone
from apps.storage.commands.quotas import SampleQuotas
from apps.storage.models.datasets import Dataset
from calypso.kernel.admin import ReadOnlyAdmin, dispatching, pretty


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("name", "type", "mounted", "key_status", "volsize", "missing", "created_by", "created_at")
    list_filter = ("type", "mounted", "key_status", "missing", "created_by")
    search_fields = ("name", "guid", "origin")
    ordering = ("name",)
    exclude = ("properties", "wanted", "quotas", "drift")
    readonly_fields = ("properties_text", "wanted_text", "quotas_text", "drift_text")
    actions = ("promote", "count_quotas")

    promote = dispatching("Promote the chosen clones", lambda row, reason: PromoteClone(dataset=row.id, reason=reason))
    count_quotas = dispatching(
        "Count who uses the chosen file systems", lambda row, reason: SampleQuotas(dataset=row.id, reason=reason)
    )

    @admin.display(description="Set on it")
    def properties_text(self, row: Dataset) -> SafeString:
        return pretty(row.properties)

    @admin.display(description="Configured")
    def wanted_text(self, row: Dataset) -> SafeString:
        return pretty(row.wanted)

    @admin.display(description="Quotas")
    def quotas_text(self, row: Dataset) -> SafeString:
        return pretty(row.quotas)

    @admin.display(description="Drift")
    def drift_text(self, row: Dataset) -> SafeString:
        return pretty(row.drift)
