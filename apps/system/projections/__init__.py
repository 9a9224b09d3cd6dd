"""The only writers of the read models, one module a concern; importing this registers them."""

from apps.system.projections import accounts

__all__ = ["accounts"]
