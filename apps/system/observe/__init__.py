"""The system as it is; importing this registers with the kernel what it may ask of the box."""

from apps.system.observe import bundles, names, network, power, time, unit_probes, units

__all__ = ["bundles", "names", "network", "power", "time", "unit_probes", "units"]
