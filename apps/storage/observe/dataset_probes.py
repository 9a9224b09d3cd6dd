"""What the executor asks of the box about datasets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.storage import reading
from apps.storage.adapters.zfs.argv import check_key_argv, destroy_argv
from apps.storage.adapters.zfs.destroyed import parse_destroyed
from apps.storage.adapters.zfs.getting import get_argv, parse_get
from apps.storage.adapters.zfs.lists import names_argv, parse_names
from apps.storage.adapters.zfs.quotas import KINDS, parse_space, property_names, space_argv
from apps.storage.adapters.zfs.refusals import NoSuchDataset
from apps.storage.domain.datasets import Quota
from apps.storage.models.datasets import QuotaUsage
from calypso.kernel import box, secrets, shell
from calypso.kernel.errors import StalePlan

LOOK_DEADLINE = 120.0  # seconds
_SHOWN = 10


@box.probe("storage.dataset_made")
def dataset_made(args: dict[str, Any], since: float) -> bool:
    """It is there, and was made since the step began: somebody else's of that name is not ours to finish or undo."""
    found = _get(args["name"], "creation")
    return bool(found) and int(found["creation"][0]) >= int(since)


@box.probe("storage.datasets_absent")
def datasets_absent(args: dict[str, Any], since: float) -> bool:
    """None of them is there any more."""
    return not set(args["names"]) & set(parse_names(reading.read(names_argv(args["pool"]))))


@box.probe("storage.dataset_renamed")
def dataset_renamed(args: dict[str, Any], since: float) -> bool:
    return bool(_get(args["after"], "name")) and not _get(args["before"], "name")


@box.probe("storage.origin_is")
def origin_is(args: dict[str, Any], since: float) -> bool:
    return _value(args["name"], "origin") == str(args["origin"])


@box.probe("storage.properties_are")
def properties_are(args: dict[str, Any], since: float) -> bool:
    wanted: dict[str, str] = args["values"]
    found = _get(args["name"], *wanted)
    return all(found.get(name, ("",))[0] == value for name, value in wanted.items())


@box.probe("storage.property_is_inherited")
def property_is_inherited(args: dict[str, Any], since: float) -> bool:
    found = _get(args["name"], args["property"])
    return bool(found) and found[args["property"]][1] not in ("local", "received")


@box.probe("storage.mounted_is")
def mounted_is(args: dict[str, Any], since: float) -> bool:
    return (_value(args["name"], "mounted") == "yes") is args["mounted"]


@box.probe("storage.key_is")
def key_is(args: dict[str, Any], since: float) -> bool:
    return _value(args["name"], "keystatus") == str(args["status"])


@box.probe("storage.key_fits")
def key_fits(args: dict[str, Any], since: float) -> bool:
    """Whether a key opens it: ZFS tries it without loading it. It must be its own key, not its parent's."""
    if _value(args["name"], "encryptionroot") != args["name"]:
        return False
    with secrets.opened(args["secret"]) as key:
        return shell.run(check_key_argv(args["name"]), deadline=LOOK_DEADLINE, stdin=key).ok


@box.probe("storage.encryption_root_is")
def encryption_root_is(args: dict[str, Any], since: float) -> bool:
    return _value(args["name"], "encryptionroot") == str(args["root"])


@box.probe("storage.quotas_are")
def quotas_are(args: dict[str, Any], since: float) -> bool:
    wanted: dict[str, int] = {}
    for quota in (Quota.model_validate(each) for each in args["quotas"]):
        space, objects = property_names(quota)
        wanted |= {space: quota.space or 0, objects: quota.objects or 0}
    found = _get(args["name"], *wanted)
    told = {name: 0 if value in ("none", "-") else int(value) for name, (value, _) in found.items()}
    return told == wanted


@box.call("storage.check_destroy")
def check_destroy(name: str, recursive: bool, clones: bool, names: list[str]) -> None:
    """Raises StalePlan when ZFS would destroy more than was planned and confirmed."""
    words = destroy_argv(name, recursive=recursive, clones=clones, dry_run=True)
    try:
        would = parse_destroyed(reading.read(words, deadline=LOOK_DEADLINE)).names
    except NoSuchDataset:
        return  # it is gone already: the step that destroys says so, or finds it done
    known = set(names)
    if more := [each for each in would if each not in known]:
        shown = ", ".join(more[:_SHOWN]) + (f" and {len(more) - _SHOWN} more" if len(more) > _SHOWN else "")
        raise StalePlan(
            f"ZFS would destroy more than was planned: {shown}. Nothing was done.",
            hint="Look at the plan again and ask anew.",
        )


@box.call("storage.sample_quotas")
def sample_quotas(dataset: str, name: str) -> None:
    """Writes what users, groups and projects use of a file system now."""
    spaces = [s for kind in KINDS for s in parse_space(reading.read(space_argv(name, kind)), kind)]
    now = timezone.now()
    rows = [
        QuotaUsage(
            id=f"{dataset}:{space.kind}:{space.who}",
            dataset=UUID(dataset),
            kind=space.kind,
            who=space.who,
            used=space.used,
            quota=space.quota,
            objects_used=space.objects_used,
            objects_quota=space.objects_quota,
            sampled_at=now,
        )
        for space in spaces
    ]
    with transaction.atomic():
        QuotaUsage.objects.filter(dataset=dataset).delete()
        QuotaUsage.objects.bulk_create({row.id: row for row in rows}.values())


def _get(name: str, *properties: str) -> dict[str, tuple[str, str]]:
    """{property: (value, source)} of a dataset; nothing when it is not there."""
    try:
        return parse_get(reading.read(get_argv(name, properties)))
    except NoSuchDataset:
        return {}


def _value(name: str, prop: str) -> str:
    return _get(name, prop).get(prop, ("", ""))[0]
