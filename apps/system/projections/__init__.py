"""The only writers of the read models, one module a concern; importing this registers them."""

from apps.system.projections import accounts, names, network, power, services, time

__all__ = ["accounts", "names", "network", "power", "services", "time"]
