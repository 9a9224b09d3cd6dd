"""Plans for support bundles: a step a part, which names the files that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.system.domain.bundles import SupportBundleDeleted, bundle_address
from calypso.kernel.bundles import Part
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Call, Outcome, Plan

MOST = 10  # bundles at a time
PERSONAL = "It names hosts, disks, datasets, users and addresses; secrets are masked. Give it only to whom you trust."


def make_plan(bundle: UUID, parts: Sequence[Part], hours: int, present: int) -> Plan:
    """Raises Conflict when there are too many already."""
    if present >= MOST:
        raise Conflict(
            f"There are {present} support bundles already.",
            code="too_many_bundles",
            hint="Delete those of no more use.",
        )
    gather = [
        Call(
            title=f"Gather {part.title}",
            function="system.gather",
            args={"bundle": str(bundle), "part": part.name, "files": list(part.files), "hours": hours},
        )
        for part in parts
    ]
    pack = Call(title="Pack into one archive", function="system.pack", args={"bundle": str(bundle)})
    return Plan(
        title="Make a support bundle",
        resources=("system.bundle", bundle_address(bundle)),
        steps=(*gather, pack),
        warnings=(PERSONAL,),
    )


def delete_plan(bundle: UUID) -> Plan:
    remove = Call(title="Remove the archive", function="system.remove_bundle", args={"bundle": str(bundle)})
    return Plan(
        title="Delete a support bundle",
        resources=(bundle_address(bundle),),
        steps=(remove,),
        outcome=(Outcome.of(bundle, SupportBundleDeleted(bundle=bundle)),),
    )
