"""Django admin: one module a concern."""

from apps.system.admin import accounts, bundles, network, power, services, time

__all__ = ["accounts", "bundles", "network", "power", "services", "time"]
