"""Django admin: support bundles, read-only; an action deletes, with a reason."""

from __future__ import annotations

from django.contrib import admin

from apps.system.commands.bundles import DeleteSupportBundle
from apps.system.models.bundles import SupportBundle
from calypso.kernel.admin import ReadOnlyAdmin, dispatching


def delete(bundle: SupportBundle, reason: str) -> DeleteSupportBundle:
    return DeleteSupportBundle(bundle=bundle.id, reason=reason)


@admin.register(SupportBundle)
class SupportBundleAdmin(ReadOnlyAdmin):
    list_display = ("id", "made_at", "made_by", "reason", "bytes")
    ordering = ("-position",)
    actions = ("delete_chosen",)

    delete_chosen = dispatching("Delete the chosen bundles", delete)
