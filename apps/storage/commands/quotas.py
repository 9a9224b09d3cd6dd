"""The commands on what users, groups and projects may use of a file system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from apps.storage.commands.dataset_facts import find_dataset, pool_of_row, whole_facts
from apps.storage.commands.datasets import DatasetCommand
from apps.storage.domain.datasets import Quota, QuotaKind
from apps.storage.domain.property_values import parse_size
from apps.storage.plans import quotas as plans
from calypso.kernel.actors import Permission
from calypso.kernel.commands import command
from calypso.kernel.plans import Plan

MOST_QUOTAS = 1000


class QuotaWish(BaseModel):
    """``space`` in bytes or as 10G, ``objects`` a number of files and folders; left out: no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: QuotaKind = "user"
    who: str = Field(min_length=1, max_length=255)
    space: int | str | None = None
    objects: int | None = None


@command("storage.SetQuotas", Permission.ADMINISTER)
class SetQuotas(DatasetCommand):
    """Says what users, groups and projects may use of a file system; whoever is not named has no limit."""

    quotas: tuple[QuotaWish, ...] = Field(max_length=MOST_QUOTAS)

    def plan(self, operation: UUID) -> Plan:
        row = find_dataset(self.dataset)
        wanted = [
            Quota(kind=w.kind, who=w.who, space=_bytes(w.space, f"quotas.{at}.space"), objects=w.objects)
            for at, w in enumerate(self.quotas)
        ]
        return plans.set_quotas(whole_facts(row), pool_of_row(row), quotas_of(row.quotas), wanted)


@command("storage.SampleQuotas", Permission.OPERATE)
class SampleQuotas(DatasetCommand):
    """Counts what users, groups and projects use of a file system."""

    def plan(self, operation: UUID) -> Plan:
        return plans.sample_quotas(whole_facts(find_dataset(self.dataset)))


def quotas_of(kept: Mapping[str, Mapping[str, Any]]) -> list[Quota]:
    """A row's quotas."""
    found = [(*who.partition(":")[::2], limits) for who, limits in kept.items()]
    return [Quota(kind=cast(QuotaKind, kind), who=who, **limits) for kind, who, limits in found]


def _bytes(wish: int | str | None, field: str) -> int | None:
    return parse_size(wish, field) if isinstance(wish, str) else wish
