"""Sample calls of support bundles."""

from __future__ import annotations

from uuid import UUID, uuid4

from apps.system.domain.bundles import SupportBundleMade
from apps.system.files import archive_of
from calypso.kernel import store
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.api.routes.scene import ADMINISTER, Route


def bundle() -> UUID:
    """One with an archive."""
    made = SupportBundleMade(bundle=uuid4(), bytes=1, sha256="", files=())
    with store.writing():
        append([Change(made.bundle, made)], Metadata())
    archive_of(made.bundle).write_bytes(b"x")
    return made.bundle


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/system/support-bundles"): Route(ADMINISTER),
    ("POST", "/system/support-bundles"): Route(
        ADMINISTER, body=lambda _: {"reason": "a ticket"}, records="operations.OperationRequested.v1"
    ),
    ("GET", "/system/support-bundles/{bundle_id}"): Route(
        ADMINISTER, path=lambda _: f"/system/support-bundles/{bundle()}"
    ),
    ("GET", "/system/support-bundles/{bundle_id}/download"): Route(
        ADMINISTER,
        path=lambda _: f"/system/support-bundles/{bundle()}/download",
        records="system.SupportBundleDownloaded.v1",
    ),
    ("DELETE", "/system/support-bundles/{bundle_id}"): Route(
        ADMINISTER,
        path=lambda _: f"/system/support-bundles/{bundle()}",
        records="operations.OperationRequested.v1",
    ),
}
