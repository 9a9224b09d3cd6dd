"""The read model of support bundles."""

from __future__ import annotations

from apps.system.domain.bundles import SupportBundleDeleted, SupportBundleMade
from apps.system.models.bundles import SupportBundle
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Tables

projection = Projection("bundles", 1, lambda: [SupportBundle])


@projection.on(SupportBundleMade)
def made(tables: Tables, e: Recorded[SupportBundleMade]) -> None:
    tables.put(
        SupportBundle,
        {
            "id": e.event.bundle,
            "bytes": e.event.bytes,
            "sha256": e.event.sha256,
            "files": [file.model_dump(mode="json") for file in e.event.files],
            "made_at": e.recorded_at,
            "made_by": e.metadata.actor,
            "reason": e.metadata.reason,
            "position": e.position,
        },
    )


@projection.on(SupportBundleDeleted)
def deleted(tables: Tables, e: Recorded[SupportBundleDeleted]) -> None:
    tables.delete(SupportBundle, e.event.bundle)
