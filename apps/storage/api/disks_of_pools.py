"""REST: disks where they are in a pool: offline, online, clear, expand, trim, initialize."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Header, Query

from apps.storage.api.base import submit_on
from apps.storage.api.router import router
from apps.storage.commands.disks_of_pools import (
    ClearPool,
    ClearRequest,
    ExpandPool,
    ExpandRequest,
    InitializePool,
    InitializeRequest,
    OfflineDisk,
    OfflineRequest,
    OnlineDisk,
    OnlineRequest,
    TrimPool,
    TrimRequest,
)
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions

ADMINISTER, OPERATE = Needs(Permission.ADMINISTER), Needs(Permission.OPERATE)


@router.post("/pools/{name}/offline", auth=ADMINISTER, response=COMMAND_ANSWERS)
def offline_disk(
    request: HttpRequest, name: str, body: OfflineRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Takes a disk offline. Refused where its data would have no replica left."""
    return submit_on(request, OfflineDisk, name, body, how=how, given=given)


@router.post("/pools/{name}/online", auth=OPERATE, response=COMMAND_ANSWERS)
def online_disk(
    request: HttpRequest, name: str, body: OnlineRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Brings a disk online again."""
    return submit_on(request, OnlineDisk, name, body, how=how, given=given)


@router.post("/pools/{name}/clear", auth=OPERATE, response=COMMAND_ANSWERS)
def clear_pool(
    request: HttpRequest, name: str, body: ClearRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Clears the error counts of a pool or one disk. A suspended pool goes on when its disks are back."""
    return submit_on(request, ClearPool, name, body, how=how, given=given)


@router.post("/pools/{name}/expand", auth=ADMINISTER, response=COMMAND_ANSWERS)
def expand_pool(
    request: HttpRequest, name: str, body: ExpandRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Lets a pool use the whole of disks that grew or were replaced by bigger ones."""
    return submit_on(request, ExpandPool, name, body, how=how, given=given)


@router.post("/pools/{name}/trim", auth=ADMINISTER, response=COMMAND_ANSWERS)
def trim_pool(request: HttpRequest, name: str, body: TrimRequest, how: Query[How], given: Header[Preconditions]) -> Any:
    """Starts (or resumes), suspends or cancels a trim of a pool's disks."""
    return submit_on(request, TrimPool, name, body, how=how, given=given)


@router.post("/pools/{name}/initialize", auth=ADMINISTER, response=COMMAND_ANSWERS)
def initialize_pool(
    request: HttpRequest, name: str, body: InitializeRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Starts (or resumes), suspends or cancels the initialisation of a pool's free space."""
    return submit_on(request, InitializePool, name, body, how=how, given=given)
