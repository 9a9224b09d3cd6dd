"""Django admin: the ledger, read-only, with filters and search."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.audit.models import LedgerEvent
from calypso.kernel.admin import ReadOnlyAdmin, pretty
from calypso.kernel.errors import NotAuthenticated
from calypso.kernel.rest import authenticate


@admin.register(LedgerEvent)
class LedgerEventAdmin(ReadOnlyAdmin):
    list_display = ("position", "recorded_at", "type", "actor", "reason", "keys")
    list_filter = ("kind", "type", "actor", "recorded_at")
    search_fields = ("type", "actor", "reason", "keys__icontains")
    ordering = ("-position",)
    show_full_result_count = False
    fields = (
        *("position", "recorded_at", "type", "kind", "actor", "auth", "source", "reason", "keys", "payload"),
        *("operation_id", "correlation_id", "causation_id", "event_id", "stream", "version", "leaf"),
    )
    readonly_fields = ("payload", "leaf")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEvent]:
        """Security events only for whoever may audit, as everywhere."""
        try:
            return LedgerEvent.objects.seen_by(authenticate(request))
        except NotAuthenticated:
            return LedgerEvent.objects.none()

    @admin.display(description="Payload")
    def payload(self, event: LedgerEvent) -> SafeString:
        return pretty(event.data)
