"""REST of storage: one module a concern adds its routes to the router."""

from apps.storage.api import disks, pools, scan
from apps.storage.api.router import router

__all__ = ["disks", "pools", "router", "scan"]
