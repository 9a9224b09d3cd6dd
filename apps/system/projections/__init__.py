"""The only writers of the read models, one module a concern; importing this registers them."""

from apps.system.projections import accounts, bundles, names, network, power, services, time

__all__ = ["accounts", "bundles", "names", "network", "power", "services", "time"]
