"""Commands on a pool as a whole: properties, features, checkpoint."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from apps.storage.commands.base import OnPool, PoolRequest, PropertyValues
from apps.storage.plans import upkeep as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import command
from calypso.kernel.plans import Plan


class PropertiesRequest(PoolRequest):
    """The properties to set, by name."""

    properties: PropertyValues = Field(description="See /pools/property-definitions for names and values.")


@command("storage.SetPoolProperties", Permission.ADMINISTER)
class SetPoolProperties(PropertiesRequest, OnPool):
    """Sets properties of a pool, one after the other; when one is refused, those before it are set back."""

    def plan(self, operation: UUID) -> Plan:
        return plans.set_properties(self.facts(), self.properties)


@command("storage.UpgradePool", Permission.ADMINISTER)
class UpgradePool(PoolRequest, OnPool):
    """Enables all features that this version of ZFS has, for good."""

    def plan(self, operation: UUID) -> Plan:
        return plans.upgrade_pool(self.facts())


class CheckpointRequest(PoolRequest):
    """What to do about the pool's checkpoint."""

    action: plans.CheckpointAction = "make"


@command("storage.CheckpointPool", Permission.ADMINISTER)
class CheckpointPool(CheckpointRequest, OnPool):
    """Makes or discards the checkpoint of a pool: a state that all of it could go back to."""

    def plan(self, operation: UUID) -> Plan:
        return plans.checkpoint_pool(self.facts(), self.action)
