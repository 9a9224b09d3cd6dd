"""A wish to destroy a dataset, and all that would go with it → a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.storage.adapters.zfs import argv
from apps.storage.domain.datasets import MOST_NAMES, DatasetDestroyed, DatasetName
from apps.storage.plans.dataset_facts import DatasetFacts, Surroundings
from apps.storage.plans.dataset_rules import check_not_held, check_not_root, check_pool, resources_of
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Call, Destroys, Outcome, Plan, Probe, Run

DEADLINE = 1800.0  # seconds
_SHOWN = 5


def destroy_dataset(around: Surroundings, *, recursive: bool, clones: bool) -> Plan:
    """`zfs destroy`, which asks nothing: first its own dry run must list nothing that this plan does not.

    ``around.clones``: those elsewhere, with what is below them and their clones. Raises Conflict for what is in the
    way, and says how it could be asked for.
    """
    it = around.it
    check_pool(around.pool, it.name)
    check_not_root(it, "destroyed", "Destroy the pool instead.")
    if not recursive:
        _check_empty(around)
    if not clones:
        _check_clones(around.clones)
    _check_holds(around)
    check_not_held(it.name, around.users, "destroyed", "End that first.")
    gone = [it, *around.below, *around.clones]
    names = (*(each.name for each in gone), *(snapshot.name for snapshot in around.snapshots))
    keys = [each.key for each in gone if each.key]
    forget = Call(title="Forget the keys", function="secrets.discard", args={"refs": keys})
    return Plan(
        title=f"Destroy {it.name}",
        resources=resources_of(*(each.name for each in gone)),
        steps=(
            _check(it, recursive, clones, names),
            _destroy(it, recursive, clones, gone),
            *((forget,) if keys else ()),
        ),
        destroys=Destroys(names=names, what="datasets", bytes=_bytes([it, *around.clones])),
        stops=around.users,
        confirm=it.name,
        warnings=("Calypso can't undo this.",),
    )


def _check(it: DatasetFacts, recursive: bool, clones: bool, names: Sequence[str]) -> Call:
    return Call(
        title=f"Ask ZFS what destroying {it.name} takes",
        function="storage.check_destroy",
        args={"name": it.name, "recursive": recursive, "clones": clones, "names": list(names)},
    )


def _destroy(it: DatasetFacts, recursive: bool, clones: bool, gone: Sequence[DatasetFacts]) -> Run:
    return Run(
        title=f"Destroy {it.name}",
        argv=tuple(argv.destroy_argv(it.name, recursive=recursive, clones=clones)),
        deadline=DEADLINE,
        records=tuple(_facts(it, gone)),
        done=Probe(
            name="storage.datasets_absent", args={"pool": it.name.partition("/")[0], "names": [g.name for g in gone]}
        ),
    )


def _facts(it: DatasetFacts, gone: Sequence[DatasetFacts]) -> Iterable[Outcome]:
    for start in range(0, len(gone), MOST_NAMES):
        names = tuple(DatasetName(dataset=each.id, name=each.name) for each in gone[start : start + MOST_NAMES])
        yield Outcome.of(it.id, DatasetDestroyed(dataset=it.id, pool=it.pool, name=it.name, datasets=names))


def _bytes(tops: Sequence[DatasetFacts]) -> int | None:
    """What they use with all below; a clone below another is in the other's figure."""
    roots = [t for t in tops if not any(t.name.startswith(f"{other.name}/") for other in tops)]
    return sum(each.used or 0 for each in roots) if all(each.used is not None for each in roots) else None


def _check_empty(around: Surroundings) -> None:
    below, snapshots = len(around.below), len(around.snapshots)
    if below or snapshots:
        parts = [f"{below} dataset{'s' * (below != 1)}"] * bool(below)
        parts += [f"{snapshots} snapshot{'s' * (snapshots != 1)}"] * bool(snapshots)
        raise Conflict(
            f"“{around.it.name}” has {' and '.join(parts)}.",
            code="has_children",
            field="recursive",
            hint="Set recursive to destroy them as well. A dry run lists them.",
        )


def _check_clones(clones: Sequence[DatasetFacts]) -> None:
    if clones:
        raise Conflict(
            f"Its snapshots have clones: {_some([clone.name for clone in clones])}.",
            code="has_clones",
            field="clones",
            hint="Promote them to keep them, or set clones to destroy them as well.",
        )


def _check_holds(around: Surroundings) -> None:
    held = [f"{s.name} ({', '.join(s.holds)})" for s in around.snapshots if s.holds]
    if held:
        raise Conflict(f"Snapshots are held: {_some(held)}.", code="snapshot_held", hint="Release these holds first.")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
