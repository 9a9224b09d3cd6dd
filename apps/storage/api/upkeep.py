"""REST: a pool's properties, features and checkpoint."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Header, Query, Schema

from apps.storage.api.base import submit_on
from apps.storage.api.router import router
from apps.storage.commands.base import PoolRequest
from apps.storage.commands.upkeep import (
    CheckpointPool,
    CheckpointRequest,
    PropertiesRequest,
    SetPoolProperties,
    UpgradePool,
)
from apps.storage.domain.pool_properties import TABLE, PoolProperty
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers

ADMINISTER = Needs(Permission.ADMINISTER)


class PoolPropertiesOut(Schema):
    items: list[PoolProperty]


@router.get("/pools/property-definitions", auth=Needs(Permission.READ), response=answers(s200=PoolPropertiesOut))
def pool_property_definitions(request: HttpRequest) -> dict[str, Any]:
    """The properties of pools that can be set, with their types, values and defaults."""
    return {"items": TABLE}


@router.patch("/pools/{name}", auth=ADMINISTER, response=COMMAND_ANSWERS)
def set_pool_properties(
    request: HttpRequest, name: str, body: PropertiesRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Sets properties of a pool."""
    return submit_on(request, SetPoolProperties, name, body, how=how, given=given)


@router.post("/pools/{name}/upgrade", auth=ADMINISTER, response=COMMAND_ANSWERS)
def upgrade_pool(
    request: HttpRequest, name: str, body: PoolRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Enables all features that this version of ZFS has. Older versions may not be able to import the pool then."""
    return submit_on(request, UpgradePool, name, body, how=how, given=given)


@router.post("/pools/{name}/checkpoint", auth=ADMINISTER, response=COMMAND_ANSWERS)
def checkpoint_pool(
    request: HttpRequest, name: str, body: CheckpointRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Makes or discards the checkpoint of a pool."""
    return submit_on(request, CheckpointPool, name, body, how=how, given=given)
