"""The health of ZFS: whether it answers, and how its pools are, from the last scan."""

from __future__ import annotations

from datetime import UTC, datetime

from apps.storage import reading
from apps.storage.compare.pools import severity
from apps.storage.models.pools import Pool
from apps.storage.models.zfs import ZfsState
from calypso.kernel.health import Health, State, check


@check("zfs")
def zfs() -> Health:
    state = ZfsState.objects.filter(pk="zfs").first()
    if state is None:
        return Health(state="unknown", message="ZFS has not been looked at yet.", evidence=_evidence(None))
    if not state.ok:
        kind: State = "not_installed" if state.code == "tool_missing" else "failed"
        advice = "Look at the kernel's log and whether the module zfs is loaded."
        return Health(state=kind, message=state.message, since=state.since, evidence=_evidence(state), advice=advice)
    worse = [pool for pool in Pool.objects.order_by("name") if severity(pool.state)]
    if worse:
        told = ", ".join(f"{pool.name} is {pool.state.lower()}" for pool in worse)
        advice = worse[0].action or "See the pool's page and its alerts."
        return Health(state="degraded", message=f"{told}.", evidence=_evidence(state), advice=advice)
    return Health(state="ok", message="ZFS answers, and all pools are online.", evidence=_evidence(state))


def _evidence(state: ZfsState | None) -> dict[str, object]:
    looked = reading.looked_at()
    return {
        "version": state.zfs_version if state else "",
        "code": state.code if state else "",
        "detail": state.detail if state else "",
        "looked_at": datetime.fromtimestamp(looked, UTC) if state and looked else None,
        "pools": list(Pool.objects.order_by("name").values("name", "state", "status", "errors")),
    }
