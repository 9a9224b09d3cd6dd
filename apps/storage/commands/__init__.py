"""The commands of storage, one module a concern; importing this registers them."""

from apps.storage.commands import pools, scan

__all__ = ["pools", "scan"]
