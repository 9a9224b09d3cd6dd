"""Django admin: one module a concern."""

from apps.system.admin import accounts, bundles, network, power, services

__all__ = ["accounts", "bundles", "network", "power", "services"]
