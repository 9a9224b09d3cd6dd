"""Django admin: the read models of storage, read-only; one module a concern."""

from apps.storage.admin import pools, schedules, snapshots

__all__ = ["pools", "schedules", "snapshots"]
