"""Whether a change is allowed at all: by who asks, and by the pool."""

from __future__ import annotations

import os
from typing import Any

from calypso.lab.options import UNPRIVILEGED


def unprivileged() -> bool:
    """Whether the stand-in acts as for a user who may only look."""
    return bool(os.environ.get(UNPRIVILEGED))


def denial(pool: dict[str, Any]) -> str:
    """Why nothing in the pool may be changed; "" when it may."""
    if unprivileged():
        return "permission denied"
    return "pool is read-only" if pool["readonly"] else ""
