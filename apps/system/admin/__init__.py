"""Django admin: one module a concern."""

from apps.system.admin import accounts, power

__all__ = ["accounts", "power"]
