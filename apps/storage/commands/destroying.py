"""The commands that destroy snapshots, or go back to one."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from apps.storage.commands import snapshot_facts as facts
from apps.storage.commands.snapshots import FullName, version_of
from apps.storage.domain.datasets import dataset_address
from apps.storage.domain.schedules import DatasetName
from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Bookmark, Snapshot
from apps.storage.plans import destroying as plans
from apps.storage.plans.rollback import Losing, Newer, rollback
from apps.storage.plans.snapshot_facts import BookmarkFacts, Place, SnapshotFacts
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command
from calypso.kernel.dependents import used_by
from calypso.kernel.plans import Frozen, Plan


class Choice(Frozen):
    """Which snapshots of a dataset: all that fulfil every condition given."""

    dataset: DatasetName
    recursive: bool = Field(False, description="Those of everything below as well.")
    matching: str = Field("*", min_length=1, max_length=255, description="What stands behind the @, with * and ?.")
    created_before: AwareDatetime | None = None
    schedule: str = Field("", max_length=255, description="Made by this schedule.")

    def snapshots(self) -> list[SnapshotFacts]:
        """Raises NotFound or Conflict."""
        roots = facts.find_places([self.dataset], "choice.dataset")
        of = {place.id: place for place in (facts.under(roots) if self.recursive else roots)}
        rows = Snapshot.objects.filter(dataset__in=of).order_by("created_txg", "id")
        if self.created_before is not None:
            rows = rows.filter(created_at__lt=self.created_before)
        if self.schedule:
            rows = rows.filter(schedule=self.schedule)
        return facts.facts([row for row in rows if fnmatchcase(row.name, self.matching)], of)


@command("storage.DestroySnapshots", Permission.ADMINISTER)
class DestroySnapshots(Command):
    """Destroys many snapshots: those named, or those of a choice, in one operation."""

    names: tuple[FullName, ...] = Field((), max_length=plans.MOST)
    choice: Choice | None = None
    protected: plans.Protected = Field(
        "refuse",
        description="Those that are held or have clones: refuse all, skip them, or defer them until that ends.",
    )
    confirm: str | None = Field(None, max_length=255, description="As the plan asks: a full name or a number.")

    @model_validator(mode="after")
    def _one_of_both(self) -> DestroySnapshots:
        if bool(self.names) == (self.choice is not None):
            raise ValueError("give either names or a choice")
        return self

    def plan(self, operation: UUID) -> Plan:
        chosen = self.choice.snapshots() if self.choice else facts.find_snapshots(self.names, "names")
        known, places = facts.having(chosen)
        return plans.destroy_snapshots(chosen, known, places, protected=self.protected)


@command("storage.RollbackDataset", Permission.ADMINISTER)
class RollbackDataset(Command):
    """Makes a dataset what it was at a snapshot. What was written since is lost."""

    snapshot: FullName
    losing: Losing = Field(
        "nothing", description="What may be destroyed for it: nothing, newer snapshots and bookmarks, their clones too."
    )
    confirm: str | None = Field(None, max_length=255, description="The dataset's name, repeated.")

    def plan(self, operation: UUID) -> Plan:
        [snapshot] = facts.find_snapshots([self.snapshot], "snapshot")
        return rollback(snapshot, newer_than(snapshot), self.losing, used_by(dataset_address(snapshot.of.name)))

    def version(self) -> int | None:
        return version_of(self.snapshot.partition("@")[0])


def newer_than(snapshot: SnapshotFacts) -> Newer:
    """All that stands in the way of a rollback to it."""
    of = snapshot.of
    rows = Snapshot.objects.filter(dataset=of.id, created_txg__gt=snapshot.created_txg).order_by("created_txg")
    newer = facts.facts(rows, {of.id: of})
    marks = Bookmark.objects.filter(dataset=of.id, created_txg__gt=snapshot.created_txg).order_by("created_txg")
    bookmarks = [BookmarkFacts(of, mark.name, mark.guid, mark.created_txg) for mark in marks]
    clones, of_clones = _clones_of(newer)
    return Newer(newer, bookmarks, clones, of_clones)


def _clones_of(snapshots: Sequence[SnapshotFacts]) -> tuple[list[Place], list[SnapshotFacts]]:
    """The clones of these snapshots with all below them, and so on for the clones of theirs; and their snapshots."""
    found: dict[UUID, Place] = {}
    theirs: list[SnapshotFacts] = []
    waiting = list(snapshots)
    while names := sorted({clone for s in waiting for clone in s.clones}):
        roots = facts.places(Dataset.objects.filter(name__in=names).exclude(id__in=found))
        new = {place.id: place for place in facts.under(roots) if place.id not in found}
        found |= new
        waiting = facts.facts(Snapshot.objects.filter(dataset__in=new).order_by("created_txg"), new)
        theirs += waiting
    return list(found.values()), theirs
