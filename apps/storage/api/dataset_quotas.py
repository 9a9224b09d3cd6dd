"""REST: what users, groups and projects use and may use of a file system."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.datasets import Body
from apps.storage.api.router import router
from apps.storage.commands.dataset_facts import find_dataset
from apps.storage.commands.quotas import MOST_QUOTAS, QuotaWish, SampleQuotas, SetQuotas, quotas_of
from apps.storage.domain.datasets import Quota, QuotaKind
from apps.storage.models.datasets import QuotaUsage
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit


class QuotasBody(Body):
    quotas: Annotated[list[QuotaWish], Field(max_length=MOST_QUOTAS)]


class QuotaUsageOut(Schema):
    """What somebody uses and may use, as it was counted then: bytes, numbers of files and folders."""

    kind: QuotaKind
    who: str
    used: int
    quota: int | None
    objects_used: int | None
    objects_quota: int | None
    sampled_at: datetime


class QuotasOut(Schema):
    configured: list[Quota] = Field(description="What configuration says.")
    usage: Paged[QuotaUsageOut] = Field(description="As it was counted last.")


@router.get("/datasets/{dataset_id}/quotas", auth=Needs(Permission.READ), response=answers(s200=QuotasOut))
def get_quotas(request: HttpRequest, dataset_id: UUID, q: Query[Page]) -> dict[str, Any]:
    """Quotas of users, groups and projects, and what they use."""
    row = find_dataset(dataset_id)
    usage = paged(QuotaUsage.objects.filter(dataset=row.id), q, orders=["id", "used", "who"])
    return {"configured": quotas_of(row.quotas), "usage": usage}


@router.put("/datasets/{dataset_id}/quotas", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def set_quotas(
    request: HttpRequest, dataset_id: UUID, body: QuotasBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Sets all quotas: whoever had one and is not named any more has no limit."""
    asked = SetQuotas(dataset=dataset_id, quotas=tuple(body.quotas), reason=body.reason)
    return submit(request, asked, how, given)


@router.post("/datasets/{dataset_id}/quotas/scan", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def scan_quotas(
    request: HttpRequest, dataset_id: UUID, body: Body, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Counts now what users, groups and projects use."""
    return submit(request, SampleQuotas(dataset=dataset_id, reason=body.reason), how, given)
