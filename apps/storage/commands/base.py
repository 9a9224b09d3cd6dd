"""What the commands on pools have in common: a request is a command's fields without the pool's name."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.storage.commands.facts import disk_facts, find_pool, pool_facts
from apps.storage.plans.facts import DiskFacts, PoolFacts
from calypso.kernel.commands import Command, Reason

PoolName = Annotated[str, StringConstraints(min_length=1, max_length=255)]
MemberName = Annotated[str, StringConstraints(min_length=1, max_length=255)]
PropertyName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
PropertyValue = Annotated[str, StringConstraints(max_length=1024)]
PropertyValues = Annotated[dict[PropertyName, PropertyValue], Field(max_length=64)]
MEMBER = "A disk by its id, or by its guid in the pool's layout where it is away."
FORCE_DISK = "Override: traces of former use on the disk, unlike sizes, a serial number seen twice."
CONFIRM = "The pool's name again, when what is on a disk is lost."


class PoolRequest(BaseModel):
    """The body of a write on a pool that its address names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason = Field("", description="Why; it stands in the audit trail.")


class OnPool(Command):
    """A command on one pool, by its name."""

    name: PoolName

    def version(self) -> int | None:
        return find_pool(self.name).version

    def facts(self) -> PoolFacts:
        """Raises NotFound."""
        return pool_facts(find_pool(self.name))

    def known_disks(self, pool: PoolFacts, *more: str) -> dict[str, DiskFacts]:
        """Those of the pool and some others, by id."""
        return disk_facts([*pool.disks, *(leaf.disk for leaf in pool.leaves() if leaf.disk), *more])
