"""REST: making, changing, moving and destroying datasets, and what uses them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query
from pydantic import Field

from apps.storage.api.datasets import Body
from apps.storage.api.router import router
from apps.storage.commands.dataset_facts import find_dataset
from apps.storage.commands.datasets import (
    MOST_PROPERTIES,
    DatasetPath,
    DestroyDataset,
    PromoteClone,
    PropertyName,
    RenameDataset,
    SetDatasetProperties,
    Values,
)
from apps.storage.commands.mounts import MountDataset, UnmountDataset
from apps.storage.domain.datasets import dataset_address
from calypso.kernel.actors import Permission
from calypso.kernel.dependents import used_by
from calypso.kernel.plans import Dependent
from calypso.kernel.rest import COMMAND_ANSWERS, Destroying, How, Needs, Preconditions, answers, submit


class ChangeBody(Body):
    properties: Values = Field({}, max_length=MOST_PROPERTIES, description="Values to set; sizes in bytes or as 1.5T.")
    inherit: Annotated[list[PropertyName], Field(max_length=MOST_PROPERTIES)] = Field(
        [], description="Properties that are to be taken from above again, or to have their default."
    )
    confirm: str | None = Field(None, max_length=255, description="The name again, when a volume is made smaller.")


class RenameBody(Body):
    name: DatasetPath = Field(description="The new full name, in the same pool.")
    parents: bool = Field(False, description="Create what is missing above it.")


class UnmountBody(Body):
    force: bool = Field(False, description="Even when something uses it.")


class DestroyingDatasets(Destroying):
    recursive: bool = Field(False, description="With all below it, and all snapshots.")
    clones: bool = Field(False, description="With what was cloned from its snapshots, wherever that is.")


@router.patch("/datasets/{dataset_id}", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def change_dataset(
    request: HttpRequest, dataset_id: UUID, body: ChangeBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Sets properties, and lets others be inherited again. A volume that gets smaller loses its end: ``confirm``."""
    asked = SetDatasetProperties(
        dataset=dataset_id, properties=body.properties, inherit=tuple(body.inherit), reason=body.reason
    )
    return submit(request, asked, how, given, body.confirm)


@router.delete("/datasets/{dataset_id}", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def destroy_dataset(
    request: HttpRequest, dataset_id: UUID, how: Query[DestroyingDatasets], given: Header[Preconditions]
) -> Any:
    """Destroys a dataset: ``confirm`` repeats its name. A dry run lists all that goes with it."""
    asked = DestroyDataset(dataset=dataset_id, recursive=how.recursive, clones=how.clones, reason=how.reason)
    return submit(request, asked, how, given, how.confirm)


@router.post("/datasets/{dataset_id}/rename", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def rename_dataset(
    request: HttpRequest, dataset_id: UUID, body: RenameBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Moves a dataset, and all below it, within its pool."""
    asked = RenameDataset(dataset=dataset_id, name=body.name, parents=body.parents, reason=body.reason)
    return submit(request, asked, how, given)


@router.post("/datasets/{dataset_id}/promote", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def promote_dataset(
    request: HttpRequest, dataset_id: UUID, body: Body, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Makes a clone independent of what it was made from, which becomes its clone."""
    return submit(request, PromoteClone(dataset=dataset_id, reason=body.reason), how, given)


@router.post("/datasets/{dataset_id}/mount", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def mount_dataset(
    request: HttpRequest, dataset_id: UUID, body: Body, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Mounts a file system."""
    return submit(request, MountDataset(dataset=dataset_id, reason=body.reason), how, given)


@router.post("/datasets/{dataset_id}/unmount", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def unmount_dataset(
    request: HttpRequest, dataset_id: UUID, body: UnmountBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Unmounts a file system, and what is mounted below it."""
    return submit(request, UnmountDataset(dataset=dataset_id, force=body.force, reason=body.reason), how, given)


@router.get("/datasets/{dataset_id}/used-by", auth=Needs(Permission.READ), response=answers(s200=list[Dependent]))
def dataset_used_by(request: HttpRequest, dataset_id: UUID) -> list[Dependent]:
    """Everything that is in a dataset or uses it: datasets below, snapshots, holds, clones, mounts, processes, …"""
    return list(used_by(dataset_address(find_dataset(dataset_id).name)))
