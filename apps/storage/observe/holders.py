"""The part of a scan that asks who keeps datasets busy: samples."""

from __future__ import annotations

from django.conf import settings

from apps.storage.devices.holders import Held, all_holders
from apps.storage.models.samples import Holder
from apps.storage.observe.recording import one_at_a_time

FIELDS = Held._fields
HOLDERS_EVERY = 10.0  # seconds: plans refuse by these, and a process that ended must not stand in their way for long


def sample_holders() -> int:
    """Writes what differs from the sample before. Returns the number of rows written or removed."""
    with one_at_a_time():
        return _sample()


def _sample() -> int:
    seen = set(all_holders(settings.CALYPSO_LAB))
    known = {Held(*row[1:]): row[0] for row in Holder.objects.values_list("id", *FIELDS)}
    gone = [key for held, key in known.items() if held not in seen]
    new = [Holder(**held._asdict()) for held in sorted(seen - known.keys())]
    if gone:
        Holder.objects.filter(pk__in=gone).delete()
    Holder.objects.bulk_create(new, batch_size=1000)
    return len(gone) + len(new)
