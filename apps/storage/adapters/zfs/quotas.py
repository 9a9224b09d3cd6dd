"""Quotas of users, groups and projects: argv builders and the parser of what they use. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.storage.adapters.zfs.argv import set_argv
from apps.storage.adapters.zfs.values import maybe_number, rows
from apps.storage.domain.datasets import Quota, QuotaKind

_COLUMNS = ("name", "used", "quota", "objused", "objquota")
_TOOLS: dict[QuotaKind, str] = {"user": "userspace", "group": "groupspace", "project": "projectspace"}
KINDS: tuple[QuotaKind, ...] = ("user", "group", "project")


@dataclass(frozen=True, slots=True)
class Space:
    """What somebody uses and may use of a file system: bytes, and numbers of files and folders; None for no limit."""

    kind: QuotaKind
    who: str
    used: int
    quota: int | None
    objects_used: int | None
    objects_quota: int | None


def property_names(quota: Quota) -> tuple[str, str]:
    """The properties that hold its limits of bytes and of objects."""
    return f"{quota.kind}quota@{quota.who}", f"{quota.kind}objquota@{quota.who}"


def space_argv(name: str, kind: QuotaKind) -> list[str]:
    """What users, groups or projects use, for parse_space()."""
    return ["zfs", _TOOLS[kind], "-Hp", "-o", ",".join(_COLUMNS), "--", name]


def quotas_argv(name: str, quotas: Iterable[Quota]) -> list[str]:
    """`zfs set` of quotas; None takes a limit away."""
    values: dict[str, str] = {}
    for quota in quotas:
        space, objects = property_names(quota)
        values[space] = "none" if quota.space is None else str(quota.space)
        values[objects] = "none" if quota.objects is None else str(quota.objects)
    return set_argv(name, values)


def parse_space(text: str, kind: QuotaKind) -> tuple[Space, ...]:
    """One a line, in the tool's order. Who has neither used bytes nor a limit of them shows "-". Raises ToolGarbage."""
    return tuple(
        Space(kind, who, maybe_number(used) or 0, _limit(quota), maybe_number(objects), _limit(objects_quota))
        for who, used, quota, objects, objects_quota in rows(text, len(_COLUMNS))
    )


def _limit(text: str) -> int | None:
    """Under -p a missing limit is 0 or none."""
    return maybe_number(text) or None
