"""REST of storage: one module a concern adds its routes to the router."""

from apps.storage.api import bookmarks, datasets, disks, figures, pools, scan, schedules, snapshots
from apps.storage.api.router import router

__all__ = ["bookmarks", "datasets", "disks", "figures", "pools", "router", "scan", "schedules", "snapshots"]
