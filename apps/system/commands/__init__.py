"""The commands of the system context, one module a concern; importing this registers them."""

from apps.system.commands import bundles, network, power, services

__all__ = ["bundles", "network", "power", "services"]
