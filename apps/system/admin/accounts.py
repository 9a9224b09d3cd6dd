"""Django admin: personal API tokens, read-only. Accounts are on Django's own pages; their changes are recorded."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from apps.system.models.accounts import Token
from calypso.kernel.admin import ReadOnlyAdmin

admin.site.unregister(Group)  # the roles; which account has which is on the account's page


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ("username", "name", "scope", "created_at", "expires_at", "revoked_at")
    list_filter = ("username", "revoked_at")
    search_fields = ("username", "name")
    ordering = ("-created_at",)
    exclude = ("fingerprint",)
