"""Where the system's own files are."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings


def archive_of(bundle: UUID) -> Path:
    """A support bundle's archive."""
    folder: Path = settings.HOME.bundles
    return folder / f"{bundle}.tar.gz"
