"""The machine's own life: it was booted, and it stopped, in order or not. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from calypso.kernel.events import Event, Kind, event

POWER = "system.power"

# clean: in order, everything was told to end. unclean: all at once, as when the power fails or the kernel crashes.
# unknown: Calypso had been stopped before, so that nobody saw it.
How = Literal["clean", "unclean", "unknown"]


def boot_stream(boot: UUID) -> UUID:
    return uuid5(NAMESPACE_URL, f"calypso:boot:{boot}")


class BootEvent(Event):
    """``boot``: the id that the kernel makes up at each boot."""

    boot: UUID

    def keys(self) -> tuple[str, ...]:
        return (POWER,)


@event("system.BoxBooted.v1", Kind.OBSERVATION)
class BoxBooted(BootEvent):
    booted_at: datetime
    kernel: str


@event("system.BoxStopped.v1", Kind.OBSERVATION)
class BoxStopped(BootEvent):
    """The end of a boot, told at the next one. ``seen_at``: when Calypso was last seen to live in it.

    ``because``: what it is known by; ``asked_by``: the operation that asked for it, if one did.
    """

    how: How
    because: str
    seen_at: datetime | None
    asked_by: UUID | None
