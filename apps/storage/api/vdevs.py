"""REST: vdevs and disks that join a pool, leave it, and take another's place."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Header, Query

from apps.storage.api.base import submit_on
from apps.storage.api.router import router
from apps.storage.commands.vdevs import (
    AddRequest,
    AddVdevs,
    AttachDisk,
    AttachRequest,
    DetachDisk,
    DetachRequest,
    RemoveRequest,
    RemoveVdev,
    ReplaceDisk,
    ReplaceRequest,
)
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions

ADMINISTER = Needs(Permission.ADMINISTER)


@router.post("/pools/{name}/add", auth=ADMINISTER, response=COMMAND_ANSWERS)
def add_vdevs(request: HttpRequest, name: str, body: AddRequest, how: Query[How], given: Header[Preconditions]) -> Any:
    """Adds vdevs. Less redundant or unlike ones are refused without ``force``; the refusal says what would result.

    Disks with traces of former use take ``force`` and the pool's name in ``confirm``.
    """
    return submit_on(request, AddVdevs, name, body, how=how, given=given)


@router.post("/pools/{name}/attach", auth=ADMINISTER, response=COMMAND_ANSWERS)
def attach_disk(
    request: HttpRequest, name: str, body: AttachRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Attaches a disk to a mirror, to a single disk (which becomes a mirror), or to a raidz (OpenZFS 2.3)."""
    return submit_on(request, AttachDisk, name, body, how=how, given=given)


@router.post("/pools/{name}/detach", auth=ADMINISTER, response=COMMAND_ANSWERS)
def detach_disk(
    request: HttpRequest, name: str, body: DetachRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Detaches a side of a mirror. Without redundancy left it takes ``force``; the last copy never goes."""
    return submit_on(request, DetachDisk, name, body, how=how, given=given)


@router.post("/pools/{name}/replace", auth=ADMINISTER, response=COMMAND_ANSWERS)
def replace_disk(
    request: HttpRequest, name: str, body: ReplaceRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Replaces a disk. A healthy one, or a new one with traces of former use, takes ``force``."""
    return submit_on(request, ReplaceDisk, name, body, how=how, given=given)


@router.post("/pools/{name}/remove", auth=ADMINISTER, response=COMMAND_ANSWERS)
def remove_vdev(
    request: HttpRequest, name: str, body: RemoveRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Removes a log, cache, spare, or a mirror or single disk whose data is copied away first; or cancels that."""
    return submit_on(request, RemoveVdev, name, body, how=how, given=given)
