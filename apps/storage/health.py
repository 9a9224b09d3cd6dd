"""The health of ZFS: whether it answers, and how its pools are, from the last scan."""

from __future__ import annotations

from datetime import UTC, datetime

from ninja import Schema

from apps.storage import reading
from apps.storage.compare.pools import severity
from apps.storage.models.pools import Pool
from apps.storage.models.zfs import ZfsState


class PoolHealth(Schema):
    name: str
    state: str
    status: str
    errors: str


class ZfsHealth(Schema):
    """``status``: ok, degraded (a pool is not ONLINE), failed (ZFS does not answer), unknown (not looked yet)."""

    status: str
    version: str
    code: str
    message: str
    detail: str
    since: datetime | None
    looked_at: datetime | None
    pools: list[PoolHealth]


def check() -> ZfsHealth:
    looked = reading.looked_at()
    state = ZfsState.objects.filter(pk="zfs").first()
    pools = list(Pool.objects.order_by("name"))
    worst = max((severity(p.state) for p in pools), default=0)
    status = "unknown" if state is None else "failed" if not state.ok else "degraded" if worst else "ok"
    return ZfsHealth(
        status=status,
        version=state.zfs_version if state else "",
        code=state.code if state else "",
        message=state.message if state else "",
        detail=state.detail if state else "",
        since=state.since if state else None,
        looked_at=datetime.fromtimestamp(looked, UTC) if state and looked else None,
        pools=[PoolHealth(name=p.name, state=p.state, status=p.status, errors=p.errors) for p in pools],
    )
