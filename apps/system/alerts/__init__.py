"""Rules for alerts, one module a concern; importing this registers them."""

from apps.system.alerts import health

__all__ = ["health"]
