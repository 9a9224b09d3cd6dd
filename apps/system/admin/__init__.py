"""Django admin: one module a concern."""

from apps.system.admin import accounts, power, services

__all__ = ["accounts", "power", "services"]
