"""The commands of the system context, one module a concern; importing this registers them."""

from apps.system.commands import bundles, power, services

__all__ = ["bundles", "power", "services"]
