"""Django admin: one module a concern."""

from apps.system.admin import accounts

__all__ = ["accounts"]
