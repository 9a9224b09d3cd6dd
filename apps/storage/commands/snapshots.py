"""The commands on snapshots and bookmarks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from apps.storage.commands import snapshot_facts as facts
from apps.storage.domain.schedules import DatasetName
from apps.storage.domain.snapshots import bookmark_id, split_name
from apps.storage.models.datasets import Dataset
from apps.storage.models.snapshots import Bookmark
from apps.storage.plans import snapshots as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.errors import Invalid
from calypso.kernel.plans import Plan

FullName = Annotated[str, StringConstraints(min_length=3, max_length=255)]
Part = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def version_of(dataset: str) -> int | None:
    """A snapshot is changed as its dataset is: by that one's version."""
    row = Dataset.objects.named(dataset)
    return row.version if row else None


@command("storage.CreateSnapshots", Permission.OPERATE)
class CreateSnapshots(Command):
    """Makes snapshots of one name of many datasets, all of the same moment."""

    datasets: tuple[DatasetName, ...] = Field(min_length=1, max_length=1000)
    name: Part = Field(description="What stands behind the @.")
    recursive: bool = Field(False, description="Of everything below them as well.")

    def plan(self, operation: UUID) -> Plan:
        roots = facts.find_places(self.datasets, "datasets")
        covered = facts.under(roots) if self.recursive else roots
        return plans.create_snapshots(
            roots, covered, self.name, facts.taken(covered, self.name), recursive=self.recursive
        )


@command("storage.RenameSnapshot", Permission.ADMINISTER)
class RenameSnapshot(Command):
    """Gives a snapshot another name."""

    snapshot: FullName
    name: Part = Field(description="What is to stand behind the @.")
    recursive: bool = Field(False, description="Those of the same name of everything below as well.")

    def plan(self, operation: UUID) -> Plan:
        [top] = facts.find_snapshots([self.snapshot], "snapshot")
        all_ = facts.same_below([top]) if self.recursive else [top]
        below = [each for each in all_ if each.of.id != top.of.id]
        return plans.rename_snapshot(top, self.name, below, facts.taken([s.of for s in all_], self.name))

    def version(self) -> int | None:
        return version_of(self.snapshot.partition("@")[0])


class _Holding(Command):
    snapshots: tuple[FullName, ...] = Field(min_length=1, max_length=100)
    tag: Part
    recursive: bool = Field(False, description="Those of the same names of everything below as well.")


@command("storage.HoldSnapshots", Permission.ADMINISTER)
class HoldSnapshots(_Holding):
    """Keeps snapshots from being destroyed until the hold is released."""

    def plan(self, operation: UUID) -> Plan:
        tops = facts.find_snapshots(self.snapshots, "snapshots")
        all_ = facts.same_below(tops) if self.recursive else tops
        return plans.hold(tops, all_, self.tag, recursive=self.recursive)


@command("storage.ReleaseSnapshots", Permission.ADMINISTER)
class ReleaseSnapshots(_Holding):
    """Ends a hold. A snapshot that is only waiting for that is destroyed by it."""

    confirm: str | None = Field(None, max_length=255, description="As the plan asks, when one is destroyed by it.")

    def plan(self, operation: UUID) -> Plan:
        tops = facts.find_snapshots(self.snapshots, "snapshots")
        all_ = facts.same_below(tops) if self.recursive else tops
        return plans.release(tops, all_, self.tag, recursive=self.recursive)


@command("storage.CreateBookmark", Permission.ADMINISTER)
class CreateBookmark(Command):
    """Remembers a snapshot as the beginning of an incremental send; it may go then."""

    snapshot: FullName
    name: Part = Field(description="What stands behind the #.")

    def plan(self, operation: UUID) -> Plan:
        [snapshot] = facts.find_snapshots([self.snapshot], "snapshot")
        taken = Bookmark.objects.filter(pk=bookmark_id(snapshot.of.id, self.name)).exists()
        return plans.create_bookmark(snapshot, self.name, taken)


@command("storage.DestroyBookmark", Permission.ADMINISTER)
class DestroyBookmark(Command):
    """Forgets a bookmark."""

    bookmark: FullName

    def plan(self, operation: UUID) -> Plan:
        return plans.destroy_bookmark(facts.find_bookmark(self.bookmark, "bookmark"))

    def version(self) -> int | None:
        return version_of(split_name(self.bookmark, "bookmark", sign="#")[0])


@command("storage.DiffSnapshots", Permission.OPERATE)
class DiffSnapshots(Command):
    """Lists what changed between a snapshot and a later one, or the dataset as it is now."""

    snapshot: FullName
    to: FullName | None = Field(None, description="A later snapshot of the same dataset; none: as it is now.")

    def plan(self, operation: UUID) -> Plan:
        [older] = facts.find_snapshots([self.snapshot], "snapshot")
        if self.to is None:
            return plans.diff(older, older.of.name, mint(operation, "diff"))
        [newer] = facts.find_snapshots([self.to], "to")
        if newer.of.id != older.of.id or newer.created_txg <= older.created_txg:
            raise Invalid(
                f"{self.to} is no later snapshot of {older.of.name}.", field="to", code="not_an_earlier_snapshot"
            )
        return plans.diff(older, newer.full_name, mint(operation, "diff"))
