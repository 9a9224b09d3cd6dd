"""A wish about what users, groups and projects may use, and what is in force → a plan. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.storage.adapters.zfs.quotas import quotas_argv
from apps.storage.domain.datasets import Quota, QuotasSet
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState
from apps.storage.plans.dataset_rules import check_pool, resources_of
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Call, Outcome, Plan, Probe, Run

DEADLINE = 120.0  # seconds
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?:@[A-Za-z0-9.-]{1,190})?\$?\Z")
_NUMBER = re.compile(r"[0-9]{1,10}\Z")


def set_quotas(it: DatasetFacts, pool: PoolState, before: Sequence[Quota], wanted: Sequence[Quota]) -> Plan:
    """`zfs set` of what differs; quotas that are no longer wanted are taken away. ``before``: those in force."""
    check_pool(pool, it.name)
    if it.type != "filesystem":
        raise Conflict(f"“{it.name}” is a volume: it has no users.", code="not_a_filesystem")
    for at, quota in enumerate(wanted):
        _check(quota, f"quotas.{at}")
    known, target = _by_who(before), _by_who(wanted)
    if len(target) != len(wanted):
        raise Invalid("Somebody is named twice.", field="quotas", code="named_twice")
    changed = [quota for who, quota in target.items() if known.get(who, _none(quota)) != quota]
    gone = [_none(quota) for who, quota in known.items() if who not in target]
    to_set = [*changed, *gone]
    if not to_set:
        raise Invalid("Nothing is to be changed.", field="quotas", code="nothing_to_do")
    undo = [known.get((quota.kind, quota.who), _none(quota)) for quota in to_set]
    step = Run(
        title=f"Set {len(to_set)} quota{'s' if len(to_set) > 1 else ''} of {it.name}",
        argv=tuple(quotas_argv(it.name, to_set)),
        deadline=DEADLINE,
        done=Probe(
            name="storage.quotas_are", args={"name": it.name, "quotas": [q.model_dump(mode="json") for q in to_set]}
        ),
        undo=tuple(quotas_argv(it.name, undo)),
    )
    fact = QuotasSet(dataset=it.id, pool=it.pool, name=it.name, quotas=tuple(wanted))
    return Plan(
        title=f"Set quotas of {it.name}",
        resources=resources_of(it.name),
        steps=(step, sample(it)),
        outcome=(Outcome.of(it.id, fact),),
    )


def sample_quotas(it: DatasetFacts) -> Plan:
    """Looks at what users, groups and projects use."""
    if it.type != "filesystem":
        raise Conflict(f"“{it.name}” is a volume: it has no users.", code="not_a_filesystem")
    return Plan(title=f"Count who uses {it.name}", resources=resources_of(it.name), steps=(sample(it),))


def sample(it: DatasetFacts) -> Call:
    return Call(
        title=f"Count who uses {it.name}",
        function="storage.sample_quotas",
        args={"dataset": str(it.id), "name": it.name},
    )


def _by_who(quotas: Sequence[Quota]) -> dict[tuple[str, str], Quota]:
    return {(quota.kind, quota.who): quota for quota in quotas}


def _none(quota: Quota) -> Quota:
    return quota.model_copy(update={"space": None, "objects": None})


def _check(quota: Quota, field: str) -> None:
    rule, hint = (_NUMBER, "A project is a number.") if quota.kind == "project" else (_NAME, "Give a name or a number.")
    if not rule.match(quota.who):
        raise Invalid(
            f"“{quota.who[:60]}” is not the name of a {quota.kind}.", field=f"{field}.who", code="bad_who", hint=hint
        )
    for what, limit in (("space", quota.space), ("objects", quota.objects)):
        if limit is not None and not 0 < limit < 2**63:
            raise Invalid(
                f"A limit of {limit} is none that ZFS can hold.",
                field=f"{field}.{what}",
                code="bad_limit",
                hint="Leave it out for no limit.",
            )
