"""REST of storage: one module a concern adds its routes to the router."""

from apps.storage.api import datasets, disks, figures, pools, scan
from apps.storage.api.router import router

__all__ = ["datasets", "disks", "figures", "pools", "router", "scan"]
