"""Django admin: one module a concern."""

from apps.system.admin import accounts, bundles, power, services

__all__ = ["accounts", "bundles", "power", "services"]
