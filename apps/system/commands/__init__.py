"""The commands of the system context, one module a concern; importing this registers them."""

from apps.system.commands import bundles, names, network, power, services, time

__all__ = ["bundles", "names", "network", "power", "services", "time"]
