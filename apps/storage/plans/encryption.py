"""A wish about a dataset's key and the observed state → a plan. Keys are references, never values. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from apps.storage.adapters.zfs import argv
from apps.storage.domain.datasets import (
    DatasetEvent,
    DatasetMounted,
    DatasetUnmounted,
    Key,
    KeyChanged,
    KeyLoaded,
    KeyUnloaded,
)
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState
from apps.storage.plans.dataset_rules import check_not_held, check_pool, resources_of
from apps.storage.plans.mounts import can_be_mounted, mount_step, unmount_step
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Call, Dependent, Outcome, Plan, Probe, Run

DEADLINE = 120.0  # seconds: a passphrase is stretched, which takes seconds


def load_key(it: DatasetFacts, pool: PoolState, below: Sequence[DatasetFacts], secret: str, *, mounts: bool) -> Plan:
    """`zfs load-key`, and the mounts that wait for it. ``secret``: what was given, or "": the kept key is taken."""
    check_pool(pool, it.name)
    _check_root(it)
    if it.key_status == "available":
        raise Conflict(
            f"The key of “{it.name}” is loaded already.", code="key_already_loaded", hint="There is nothing to do."
        )
    source = secret or it.key
    if not source:
        raise Invalid(
            "Calypso does not keep this key.",
            field="passphrase",
            code="key_missing",
            hint=f"Give the {it.key_format or 'passphrase'}.",
        )
    load = Run(
        title=f"Load the key of {it.name}",
        argv=tuple(argv.load_key_argv(it.name)),
        deadline=DEADLINE,
        done=Probe(name="storage.key_is", args={"name": it.name, "status": "available"}),
        undo=tuple(argv.unload_key_argv(it.name)),
        stdin=source,
    )
    waiting = [each for each in _of_key(it, below) if mounts and not each.mounted and _mounts_by_itself(each)]
    facts: list[DatasetEvent] = [KeyLoaded(dataset=it.id, pool=it.pool, name=it.name)]
    facts += [DatasetMounted(dataset=each.id, pool=each.pool, name=each.name) for each in waiting]
    return Plan(
        title=f"Load the key of {it.name}",
        resources=resources_of(it.name),
        steps=(load, *(mount_step(each) for each in waiting)),
        outcome=tuple(Outcome.of(fact.dataset, fact) for fact in facts),
    )


def unload_key(
    it: DatasetFacts, pool: PoolState, below: Sequence[DatasetFacts], users: Sequence[Dependent], *, force: bool
) -> Plan:
    """Unmounts what is of this key, the deepest first, and `zfs unload-key`. force: even what something uses."""
    check_pool(pool, it.name)
    _check_root(it)
    if it.key_status != "available":
        raise Conflict(f"The key of “{it.name}” is not loaded.", code="key_not_loaded", hint="There is nothing to do.")
    if not force:
        check_not_held(it.name, users, "locked", "End that first, or set force: it then gets errors.")
    mounted = sorted((each for each in _of_key(it, below) if each.mounted), key=lambda each: each.name, reverse=True)
    unload = Run(
        title=f"Unload the key of {it.name}",
        argv=tuple(argv.unload_key_argv(it.name)),
        deadline=DEADLINE,
        done=Probe(name="storage.key_is", args={"name": it.name, "status": "unavailable"}),
    )
    facts: list[DatasetEvent] = [
        DatasetUnmounted(dataset=each.id, pool=each.pool, name=each.name, datasets=(each.id,)) for each in mounted
    ]
    facts.append(KeyUnloaded(dataset=it.id, pool=it.pool, name=it.name))
    kept = () if it.key else ("Calypso does not keep this key: without it the data is lost for good.",)
    return Plan(
        title=f"Unload the key of {it.name}",
        resources=resources_of(it.name),
        steps=(*(unmount_step(each, force=force) for each in mounted), unload),
        outcome=tuple(Outcome.of(fact.dataset, fact) for fact in facts),
        stops=tuple(users),
        warnings=kept,
    )


def change_key(it: DatasetFacts, pool: PoolState, key: Key, secret: str) -> Plan:
    """`zfs change-key` to a key of its own: it is an encryption root afterwards. The data is not written anew."""
    _check_changeable(it, pool)
    change = Run(
        title=f"Change the key of {it.name}",
        argv=tuple(argv.change_key_argv(it.name, key.format)),
        deadline=DEADLINE,
        done=Probe(name="storage.key_fits", args={"name": it.name, "secret": secret}),
        stdin=secret,
    )
    fact = KeyChanged(dataset=it.id, pool=it.pool, name=it.name, encryption_root=it.name, key=key)
    return _changed(it, change, fact)


def inherit_key(it: DatasetFacts, pool: PoolState, parent: DatasetFacts | None) -> Plan:
    """`zfs change-key -i`: it is opened by its parent's key afterwards."""
    _check_changeable(it, pool)
    _check_root(it)
    if parent is None or parent.encryption == "off":
        raise Conflict(
            f"What “{it.name}” is in is not encrypted.",
            code="parent_not_encrypted",
            field="inherit",
            hint="A key can be inherited only from a parent that is encrypted.",
        )
    if parent.key_status != "available":
        raise Conflict(
            f"The key of “{parent.encryption_root}” is not loaded.", code="key_unavailable", hint="Load it first."
        )
    change = Run(
        title=f"Let {it.name} take the key of {parent.encryption_root}",
        argv=tuple(argv.inherit_key_argv(it.name)),
        deadline=DEADLINE,
        done=Probe(name="storage.encryption_root_is", args={"name": it.name, "root": parent.encryption_root}),
    )
    fact = KeyChanged(dataset=it.id, pool=it.pool, name=it.name, encryption_root=parent.encryption_root, key=None)
    return _changed(it, change, fact)


def _changed(it: DatasetFacts, change: Run, fact: KeyChanged) -> Plan:
    """The key before opens nothing any more, whatever comes after: that is recorded at once, a kept one forgotten."""
    own = it.key if it.is_encryption_root else ""
    forget = Call(title="Forget the key before", function="secrets.discard", args={"refs": [own]})
    return Plan(
        title=f"Change the key of {it.name}",
        resources=resources_of(it.name),
        steps=(change.model_copy(update={"records": (Outcome.of(it.id, fact),)}), *((forget,) if own else ())),
        warnings=("The key before opens it no longer. Calypso can't undo this.",),
    )


def _check_changeable(it: DatasetFacts, pool: PoolState) -> None:
    check_pool(pool, it.name)
    _check_encrypted(it)
    if it.key_status != "available":
        raise Conflict(
            f"The key of “{it.encryption_root}” is not loaded.", code="key_unavailable", hint="Load it first."
        )


def _check_encrypted(it: DatasetFacts) -> None:
    if it.encryption == "off":
        raise Conflict(
            f"“{it.name}” is not encrypted.",
            code="not_encrypted",
            hint="Encryption can only be chosen when a dataset is created.",
        )


def _check_root(it: DatasetFacts) -> None:
    _check_encrypted(it)
    if not it.is_encryption_root:
        raise Conflict(
            f"“{it.name}” is opened by the key of “{it.encryption_root}”.",
            code="not_encryption_root",
            hint="Do this there.",
        )


def _of_key(it: DatasetFacts, below: Sequence[DatasetFacts]) -> list[DatasetFacts]:
    """It and what is opened by the same key, from the top."""
    return [it, *sorted((each for each in below if each.encryption_root == it.name), key=lambda each: each.name)]


def _mounts_by_itself(it: DatasetFacts) -> bool:
    return can_be_mounted(it) and it.values.get("canmount", "on") == "on"
