"""How looks at the system record: as the observer, and nothing that an operation has in hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calypso.kernel import store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.projections import append


def record(addresses: Sequence[str], since: int, changes: Callable[[], list[Change]]) -> int:
    """Records what is found changed, once more compared under the ledger's lock. Returns how many events.

    An operation on one of the addresses that works now, or did since the look began at the position ``since``, tells
    of it itself.
    """
    if not changes():
        return 0
    with store.writing():
        if any(operation.begun for operation in Operation.objects.in_flight_since(list(addresses), since)):
            return 0
        found = changes()
        if found:
            append(found, OBSERVER.metadata())
        return len(found)
