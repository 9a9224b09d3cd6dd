"""Destroying snapshots, many at once: a step takes as many as one call of the tool can. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Literal
from uuid import UUID

from apps.storage.adapters.zfs import snapshots as zfs
from apps.storage.domain.datasets import dataset_address
from apps.storage.domain.pools import pool_address
from apps.storage.domain.snapshots import SnapshotsDestroyed, chunks, snapshot_address, snapshot_stream
from apps.storage.plans.snapshot_facts import Place, SnapshotFacts, listed, total
from calypso.kernel.errors import Conflict, Invalid, NotFound
from calypso.kernel.plans import Destroys, Outcome, Plan, Probe, Run

MOST = 10_000  # snapshots in one operation
MOST_STEPS = 1000
A_STEP = 400  # names in one call of the tool
A_TREE = 10_000  # snapshots that one recursive call takes
ADDRESSED = 20  # snapshots that an operation names among its resources; beyond that their datasets stand for them
DEADLINE = 900.0

Protected = Literal["refuse", "skip", "defer"]
Known = Mapping[str, frozenset[UUID]]  # the datasets of a pool that have a snapshot of a name


def destroy_snapshots(
    chosen: Sequence[SnapshotFacts], known: Known, places: Mapping[UUID, Place], *, protected: Protected
) -> Plan:
    """All of them, typed confirmation asked. ``protected``: what becomes of those that are held or have clones."""
    going, waiting = _sorted_out(chosen, protected)
    _check_number(going)
    title = f"Destroy {counted(going)}"
    marked = [f"{s.full_name} is {s.stays_because}: it goes when that ends." for s in waiting]
    left = [s for s in chosen if s.stays_because] if protected == "skip" else []
    return Plan(
        title=title,
        resources=resources(going),
        steps=steps(going, known, places, defer=protected == "defer"),
        destroys=Destroys(
            names=tuple(s.full_name for s in going if not s.stays_because),
            what="snapshots",
            bytes=total(s.used for s in going if not s.stays_because),
        ),
        confirm=going[0].full_name if len(going) == 1 else counted(going),
        warnings=(
            "Calypso can't undo this. At least so many bytes become free: what several of them share comes on top.",
            *marked,
            *((f"{len(left)} are held or have clones and stay: {listed(s.full_name for s in left)}.",) if left else ()),
        ),
    )


def counted(chosen: Sequence[SnapshotFacts]) -> str:
    """For a title, and to be typed as confirmation."""
    return chosen[0].full_name if len(chosen) == 1 else f"{len(chosen)} snapshots"


def resources(chosen: Iterable[SnapshotFacts]) -> tuple[str, ...]:
    """The addresses of their pool and datasets, and their own where they are few."""
    all_ = list(chosen)
    datasets = [dataset_address(name) for name in sorted({s.of.name for s in all_})]
    own = [snapshot_address(s.full_name) for s in all_] if len(all_) <= ADDRESSED else []
    return (*(pool_address(name) for name in sorted({s.of.pool_name for s in all_})), *datasets, *own)


def steps(
    going: Sequence[SnapshotFacts], known: Known, places: Mapping[UUID, Place], *, defer: bool = False
) -> tuple[Run, ...]:
    """One call a dataset and A_STEP names; one for a whole tree where names go from all of it alike.

    Each records what it destroyed with its own end: a later one that fails or a cancel takes none back.
    """
    by_name: dict[tuple[str, str], list[SnapshotFacts]] = defaultdict(list)
    for snapshot in going:
        by_name[snapshot.of.pool_name, snapshot.name].append(snapshot)
    alike: dict[tuple[str, ...], list[list[SnapshotFacts]]] = defaultdict(list)
    for same in by_name.values():
        alike[tuple(sorted(s.of.name for s in same))].append(same)
    single: dict[str, list[SnapshotFacts]] = defaultdict(list)
    found: list[Run] = []
    for datasets, groups in alike.items():
        root = _root(datasets, groups, known, places) if len(datasets) > 1 and not defer else None
        if root is not None:
            found += _tree_steps(root, groups)
            continue
        for snapshot in (s for same in groups for s in same):
            single[snapshot.of.name].append(snapshot)
    for name in sorted(single):
        ordered = sorted(single[name], key=lambda s: s.created_txg)
        found += [_step(part, defer) for part in _parts(ordered)]
    if len(found) > MOST_STEPS:
        raise Invalid(
            f"This takes {len(found)} calls of zfs; an operation has {MOST_STEPS} at most.",
            code="too_many_snapshots",
            hint="Ask for fewer datasets at once.",
        )
    return tuple(found)


def _parts(ordered: Sequence[SnapshotFacts]) -> list[tuple[SnapshotFacts, ...]]:
    """At most A_STEP names, and what one argument may be long."""
    longest = max(len(s.name) for s in ordered) + 1
    room = zfs.LONGEST_OPERAND - len(ordered[0].of.name) - 1
    return chunks(ordered, max(1, min(A_STEP, room // longest)))


def _step(part: Sequence[SnapshotFacts], defer: bool) -> Run:
    of, names = part[0].of, tuple(s.name for s in part)
    gone = tuple(s.name for s in part if not s.stays_because)
    waiting = tuple(s.name for s in part if s.stays_because)
    fact = SnapshotsDestroyed(pool=of.pool, name=of.pool_name, of=(of.ref,), snapshots=gone, deferred=waiting)
    return Run(
        title=f"Destroy {part[0].full_name if len(part) == 1 else f'{len(part)} snapshots of {of.name}'}",
        argv=tuple(zfs.destroy_argv(of.name, names, defer=defer)),
        deadline=DEADLINE,
        done=Probe(name="storage.snapshots_gone", args={"names": [s.full_name for s in part]}),
        records=(Outcome.of(snapshot_stream(of.pool), fact),),
    )


def _tree_steps(root: Place, groups: Sequence[Sequence[SnapshotFacts]]) -> list[Run]:
    """Names that go from the same datasets, which are all below ``root`` that have them."""
    of = [s.of for s in groups[0]]
    found = []
    for part in chunks(groups, max(1, min(A_STEP, A_TREE // len(of)))):
        names = tuple(same[0].name for same in part)
        facts = [
            SnapshotsDestroyed(pool=root.pool, name=root.pool_name, of=tuple(p.ref for p in some), snapshots=names)
            for some in chunks(of)
        ]
        what = names[0] if len(names) == 1 else f"{len(names)} snapshots each"
        found.append(
            Run(
                title=f"Destroy {what} of {len(of)} datasets under {root.name}",
                argv=tuple(zfs.destroy_argv(root.name, names, recursive=True)),
                deadline=DEADLINE,
                done=Probe(
                    name="storage.snapshots_gone", args={"names": [f"{p.name}@{n}" for p in of for n in names][:A_STEP]}
                ),
                records=tuple(Outcome.of(snapshot_stream(root.pool), fact) for fact in facts),
            )
        )
    return found


def _root(
    datasets: Sequence[str],
    groups: Sequence[Sequence[SnapshotFacts]],
    known: Known,
    places: Mapping[UUID, Place],
) -> Place | None:
    """The dataset from which `zfs destroy -r` would take just these and no others, or None."""
    pairs = zip(datasets[0].split("/"), datasets[-1].split("/"), strict=False)  # sorted: the first and last differ most
    common = "/".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    root = next((place for place in places.values() if place.name == common), None)
    wanted = {s.of.id for s in groups[0]}
    for same in groups:
        under = {p.id for p in map(places.get, known.get(same[0].name, ())) if p and _is_under(p.name, common)}
        if under != wanted:
            return None
    return root


def _is_under(name: str, root: str) -> bool:
    return name == root or name.startswith(f"{root}/")


def _sorted_out(
    chosen: Sequence[SnapshotFacts], protected: Protected
) -> tuple[list[SnapshotFacts], list[SnapshotFacts]]:
    """(what is given to the tool, what of it would only be marked). Raises Conflict or NotFound."""
    staying = [s for s in chosen if s.stays_because]
    if staying and protected == "refuse":
        which = "; ".join(f"{s.full_name} is {s.stays_because}" for s in staying[:5])
        more = f"; and {len(staying) - 5} more" if len(staying) > 5 else ""
        raise Conflict(
            f"These can't be destroyed: {which}{more}.",
            code="snapshot_in_use",
            field="names",
            hint="Release or destroy what keeps them; or leave them out (skip), or have them go later (defer).",
        )
    going = [s for s in chosen if not s.stays_because] if protected == "skip" else list(chosen)
    if not going:
        raise NotFound("There are no snapshots to destroy.", code="no_such_snapshot", field="names")
    return going, [s for s in going if s.stays_because]


def _check_number(going: Sequence[SnapshotFacts]) -> None:
    if len(going) > MOST:
        raise Invalid(
            f"These are {len(going)} snapshots; one operation destroys {MOST} at most.",
            code="too_many_snapshots",
            field="names",
            hint="Narrow the choice, and ask again for the rest.",
        )
