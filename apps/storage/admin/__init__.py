"""Django admin: the read models of storage, read-only; one module a concern."""

from apps.storage.admin import datasets, pools, schedules, snapshots

__all__ = ["datasets", "pools", "schedules", "snapshots"]
