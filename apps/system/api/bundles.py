"""REST: support bundles."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Schema
from pydantic import Field

from apps.system.api.router import router
from apps.system.commands.bundles import DeleteSupportBundle, MakeSupportBundle, find_bundle
from apps.system.domain.bundles import BundledFile, SupportBundleDownloaded
from apps.system.files import archive_of
from apps.system.models.bundles import SupportBundle
from calypso.kernel import commands, store
from calypso.kernel.actors import Permission
from calypso.kernel.errors import NotFound
from calypso.kernel.events import Change
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.projections import append
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, actor_of, answers, submit

ADMINISTER = Needs(Permission.ADMINISTER)
DOWNLOAD = {
    "responses": {
        200: {
            "description": "A tar archive, compressed.",
            "content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class BundleOut(Schema):
    id: UUID
    bytes: int
    sha256: str = Field(description="Of the archive.")
    files: list[BundledFile]
    made_at: datetime
    made_by: str
    reason: str
    position: int


class Removing(How):
    reason: commands.Reason = Field("", description="Why; it stands in the audit trail.")


@router.get("/support-bundles", auth=ADMINISTER, response=answers(s200=Paged[BundleOut]))
def list_bundles(request: HttpRequest, q: Query[Page]) -> dict[str, Any]:
    """The bundles on this box, the latest first, and what is in each."""
    return paged(SupportBundle.objects.all(), q, orders=["-position", "made_at"])


@router.post("/support-bundles", auth=ADMINISTER, response=COMMAND_ANSWERS)
def make_bundle(request: HttpRequest, body: MakeSupportBundle, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes one. The dry run lists what it will hold: each step names its files."""
    return submit(request, body, how, given)


@router.get("/support-bundles/{bundle_id}", auth=ADMINISTER, response=answers(s200=BundleOut))
def get_bundle(request: HttpRequest, bundle_id: UUID) -> SupportBundle:
    """One bundle and what is in it."""
    return find_bundle(bundle_id)


@router.get("/support-bundles/{bundle_id}/download", auth=ADMINISTER, response=answers(), openapi_extra=DOWNLOAD)
def download_bundle(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """The archive. That it left the box, and by whom, is on record."""
    bundle = find_bundle(bundle_id)
    try:
        data = archive_of(bundle.id).read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "The archive is not there any more.",
            code="bundle_lost",
            field="bundle",
            hint="Delete it, and make another.",
        ) from None
    with store.writing():
        append([Change(bundle.id, SupportBundleDownloaded(bundle=bundle.id))], actor_of(request).metadata())
    response = HttpResponse(data, content_type="application/gzip")
    response["Content-Disposition"] = f'attachment; filename="calypso-support-{bundle.made_at:%Y%m%d-%H%M%S}.tar.gz"'
    response["Cache-Control"] = "no-store"
    return response


@router.delete("/support-bundles/{bundle_id}", auth=ADMINISTER, response=COMMAND_ANSWERS)
def delete_bundle(request: HttpRequest, bundle_id: UUID, how: Query[Removing], given: Header[Preconditions]) -> Any:
    """Removes an archive; that it was made stays on record."""
    return submit(request, DeleteSupportBundle(bundle=bundle_id, reason=how.reason), how, given)
