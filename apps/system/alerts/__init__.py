"""Rules for alerts, one module a concern; importing this registers them."""

from apps.system.alerts import health, services, time

__all__ = ["health", "services", "time"]
