"""A wish about a dataset's properties and the observed state → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.storage.adapters.zfs import argv
from apps.storage.domain.datasets import DatasetPropertiesSet
from apps.storage.domain.properties import BY_NAME, is_inheritable
from apps.storage.domain.property_values import check_name, dangers, normalised
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState
from apps.storage.plans.dataset_rules import check_inherit, check_limits, check_pool, check_volsize, resources_of
from calypso.kernel.errors import Invalid
from calypso.kernel.plans import Destroys, Outcome, Plan, Probe, Run

DEADLINE = 120.0  # seconds


def set_properties(
    it: DatasetFacts, pool: PoolState, values: Mapping[str, str], inherit: Sequence[str], *, mounted_below: int = 0
) -> Plan:
    """`zfs set` and `zfs inherit`. Each step's undo gives back what was before.

    A volume that shrinks loses its end: that takes the name as confirmation, comes last and can't be undone.
    Raises Invalid or Conflict and names the property at fault.
    """
    if not values and not inherit:
        raise Invalid("Nothing is to be changed.", field="properties", code="nothing_to_do")
    check_pool(pool, it.name)
    for name in inherit:
        check_name(name)
    check_inherit(inherit, values)
    wanted = normalised(values, it.type, creating=False)
    check_limits(wanted, it)
    volsize = int(wanted.pop("volsize")) if "volsize" in wanted else None
    steps = [*_set_steps(it, wanted), *(_inherit_step(it, name) for name in dict.fromkeys(inherit))]
    shrinks = False
    if volsize is not None:
        check_volsize(volsize, int(it.values.get("volblocksize", 1)), "properties.volsize")
        shrinks = it.volsize is not None and volsize < it.volsize
        steps.append(_resize(it, volsize, shrinks))
    fact = DatasetPropertiesSet(
        dataset=it.id,
        pool=it.pool,
        name=it.name,
        values=wanted,
        inherited=tuple(dict.fromkeys(inherit)),
        volsize=volsize,
    )
    return Plan(
        title=f"Change {it.name}",
        resources=resources_of(it.name),
        steps=tuple(steps),
        outcome=(Outcome.of(it.id, fact),),
        destroys=_lost(it, volsize) if shrinks else None,
        confirm=it.name if shrinks else None,
        warnings=(*dangers(wanted), *_notes(it, wanted, inherit, mounted_below)),
    )


def _set_steps(it: DatasetFacts, wanted: Mapping[str, str]) -> list[Run]:
    """Those that can be taken back by setting the values before go together; each other one is inherited again."""
    before = {name: _before(it, name) for name in wanted}
    together = {name: value for name, value in wanted.items() if before[name] is not None}
    alone = [{name: value} for name, value in wanted.items() if before[name] is None]
    steps = []
    for values in [together, *alone]:
        if values:
            [first, *_] = values
            old = {name: str(before[name]) for name in values}
            undo = argv.set_argv(it.name, old) if values is together else argv.inherit_argv(it.name, first)
            steps.append(_set(it, values, undo))
    return steps


def _before(it: DatasetFacts, name: str) -> str | None:
    """The value to set again to take a change back; None: it is to be inherited again."""
    if name in it.own:
        return it.own[name]
    return None if is_inheritable(name) else it.values.get(name, BY_NAME[name].default)


def _set(it: DatasetFacts, values: Mapping[str, str], undo: Sequence[str]) -> Run:
    return Run(
        title=f"Set {', '.join(values)} of {it.name}",
        argv=tuple(argv.set_argv(it.name, values)),
        deadline=DEADLINE,
        done=Probe(name="storage.properties_are", args={"name": it.name, "values": dict(values)}),
        undo=tuple(undo),
    )


def _inherit_step(it: DatasetFacts, name: str) -> Run:
    return Run(
        title=f"Inherit {name} of {it.name}",
        argv=tuple(argv.inherit_argv(it.name, name)),
        deadline=DEADLINE,
        done=Probe(name="storage.property_is_inherited", args={"name": it.name, "property": name}),
        undo=tuple(argv.set_argv(it.name, {name: it.own[name]})) if name in it.own else (),
    )


def _resize(it: DatasetFacts, size: int, shrinks: bool) -> Run:
    undoable = it.volsize is not None and not shrinks
    return Run(
        title=f"Resize {it.name} to {size} bytes",
        argv=tuple(argv.set_argv(it.name, {"volsize": str(size)})),
        deadline=DEADLINE,
        done=Probe(name="storage.properties_are", args={"name": it.name, "values": {"volsize": str(size)}}),
        undo=tuple(argv.set_argv(it.name, {"volsize": str(it.volsize)})) if undoable else (),
    )


def _lost(it: DatasetFacts, size: int | None) -> Destroys:
    assert it.volsize is not None
    assert size is not None
    return Destroys(names=(f"{it.name}: from byte {size} on",), what="datasets", bytes=it.volsize - size)


def _notes(it: DatasetFacts, wanted: Mapping[str, str], inherit: Sequence[str], mounted_below: int) -> tuple[str, ...]:
    notes = []
    moves = {"mountpoint", "canmount"} & {*wanted, *inherit}
    if moves and (it.mounted or mounted_below):
        notes.append("It is unmounted and mounted anew, with what is below it: what uses it then makes this fail.")
    if "compression" in wanted or "recordsize" in wanted:
        notes.append("This holds for data written from now on.")
    return tuple(notes)
