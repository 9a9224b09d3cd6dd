"""The router of the system."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["system"])
