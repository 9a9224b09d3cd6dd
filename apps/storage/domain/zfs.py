"""Whether ZFS itself answers: its event. Pure."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from calypso.kernel.events import Event, Kind, event

ZFS_STREAM = uuid5(NAMESPACE_URL, "calypso:zfs")


@event("storage.ZfsHealthChanged.v1", Kind.OBSERVATION)
class ZfsHealthChanged(Event):
    """Whether ZFS answers. ``code`` and the words of the error when it does not."""

    ok: bool
    version: str
    code: str = ""
    message: str = ""
    detail: str = ""

    def keys(self) -> tuple[str, ...]:
        return ("storage.zfs",)
