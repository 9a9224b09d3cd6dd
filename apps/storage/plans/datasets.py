"""A wish to make, name or promote a dataset and the observed state → a plan. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.storage.adapters.zfs import argv
from apps.storage.domain.dataset_names import LONGEST, check_dataset_name
from apps.storage.domain.datasets import (
    DatasetCreated,
    DatasetPromoted,
    DatasetRenamed,
    DatasetType,
    Key,
    parent_of,
    pool_of,
)
from apps.storage.domain.properties import BY_NAME
from apps.storage.domain.property_values import dangers, normalised
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState, SnapshotFacts
from apps.storage.plans.dataset_rules import (
    check_free,
    check_not_held,
    check_not_root,
    check_pool,
    check_volsize,
    missing_parents,
    resources_of,
)
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Dependent, Outcome, Plan, Probe, Run

DEADLINE = 120.0  # seconds
THIN = "It reserves no space: when the pool is full, writes to it fail, whatever it holds."
Mint = Callable[[str], UUID]
Known = Mapping[str, DatasetFacts]


@dataclass(frozen=True)
class NewDataset:
    """A dataset as it is asked for; ``key`` for an encryption root of its own, ``key_input`` what it is read from."""

    name: str
    type: DatasetType = "filesystem"
    volsize: int | None = None
    thin: bool = False
    parents: bool = False
    properties: Mapping[str, str] | None = None
    key: Key | None = None
    key_input: str = ""


def create_dataset(wish: NewDataset, pool: PoolState | None, known: Known, mint: Mint) -> Plan:
    """`zfs create`, with what is missing above it. ``known``: the datasets of its name and above, by name.

    Raises Invalid, NotFound or Conflict and names the field at fault.
    """
    check_dataset_name(wish.name)
    pool = check_pool(pool, wish.name)
    check_free(wish.name, known)
    parents = missing_parents(wish.name, known, wish.parents)
    values = normalised(wish.properties or {}, wish.type, creating=True)
    volsize = _volsize(wish, values)
    encryption, root = _encryption(wish, known)
    options = dict(values)
    if wish.key:
        options |= {"encryption": encryption, "keyformat": wish.key.format, "keylocation": wish.key.location}
    made = DatasetCreated(
        dataset=mint(wish.name),
        pool=pool.id,
        name=wish.name,
        type=wish.type,
        volsize=volsize,
        properties={name: value for name, value in values.items() if name != "volsize"},
        encryption=encryption,
        encryption_root=root,
        key=wish.key,
    )
    words = argv.create_argv(wish.name, options, volsize=volsize, thin=wish.thin)
    above = [_parent(name, pool, made, wish, mint) for name in parents]
    return Plan(
        title=f"Create {wish.type} {wish.name}",
        resources=resources_of(wish.name, *parents),
        steps=(
            *(_create(p.name, argv.create_argv(p.name, {})) for p in above),
            _create(wish.name, words, wish.key_input),
        ),
        outcome=tuple(Outcome.of(each.dataset, each) for each in (*above, made)),
        warnings=(*dangers(values), *((THIN,) if wish.thin else ())),
    )


def _create(name: str, words: Sequence[str], stdin: str = "") -> Run:
    return Run(
        title=f"Create {name}",
        argv=tuple(words),
        deadline=DEADLINE,
        done=Probe(name="storage.dataset_made", args={"name": name}),
        undo=tuple(argv.destroy_argv(name)),
        stdin=stdin,
    )


def _parent(name: str, pool: PoolState, child: DatasetCreated, wish: NewDataset, mint: Mint) -> DatasetCreated:
    """What is made above it takes everything from what is above that."""
    inherits = child.key is None
    return DatasetCreated(
        dataset=mint(name),
        pool=pool.id,
        name=name,
        type="filesystem",
        volsize=None,
        properties={},
        encryption=child.encryption if inherits else "off",
        encryption_root=child.encryption_root if inherits else "",
        key=None,
    )


def _volsize(wish: NewDataset, values: Mapping[str, str]) -> int | None:
    if wish.type == "filesystem":
        if wish.volsize is not None or wish.thin:
            field = "volsize" if wish.volsize is not None else "thin"
            raise Invalid("Only a volume has a size.", field=field, code="volsize_of_filesystem", hint="Set a quota.")
        return None
    size = int(values["volsize"]) if wish.volsize is None and "volsize" in values else wish.volsize
    if size is None:
        raise Invalid("A volume needs a size.", field="volsize", code="volsize_missing", hint="For example 100G.")
    check_volsize(size, int(values.get("volblocksize", BY_NAME["volblocksize"].default)), "volsize")
    return size


def _encryption(wish: NewDataset, known: Known) -> tuple[str, str]:
    """The cipher of the new dataset and the dataset whose key it is of."""
    above = next((known[name] for name in _above(wish.name) if name in known), None)
    if above is not None and above.encryption != "off" and above.key_status == "unavailable":
        raise Conflict(
            f"The key of “{above.encryption_root}” is not loaded: nothing can be made below it.",
            code="key_unavailable",
            hint="Load that key first.",
        )
    if wish.key is not None:
        if wish.parents and above is not None and above.encryption != "off" and above.name != parent_of(wish.name):
            raise Invalid(
                "Create the datasets above it first: they would take another key.",
                field="parents",
                code="parents_of_encrypted",
            )
        return wish.key.encryption, wish.name
    return (above.encryption, above.encryption_root) if above is not None else ("off", "")


def _above(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def rename_dataset(
    it: DatasetFacts,
    name: str,
    *,
    parents: bool,
    pool: PoolState,
    known: Known,
    below: Sequence[str],
    users: Sequence[Dependent],
    mint: Mint,
) -> Plan:
    """`zfs rename` of it and all ``below`` it. ``known``: the datasets of the new name and above."""
    check_not_root(it, "renamed", "Export the pool and import it under another name.")
    check_dataset_name(name)
    check_pool(pool, name)
    if pool_of(name) != pool.name:
        raise Invalid(
            f"“{name}” would be in another pool.",
            field="name",
            code="different_pools",
            hint="Data goes to another pool by replication.",
        )
    if name == it.name or name.startswith(f"{it.name}/"):
        raise Invalid("It can't be moved to itself or below itself.", field="name", code="below_itself")
    check_free(name, known)
    longest = max((len(child) - len(it.name) for child in below), default=0) + len(name)
    if longest > LONGEST:
        raise Invalid(f"A name below it would be longer than {LONGEST} characters.", field="name", code="bad_name")
    check_not_held(it.name, users, "renamed", "End that first: it would lose the path that it uses.")
    missing = missing_parents(name, known, parents)
    _check_encryption_root(it, name, known)
    rename = Run(
        title=f"Rename {it.name} to {name}",
        argv=tuple(argv.rename_argv(it.name, name)),
        deadline=DEADLINE,
        done=Probe(name="storage.dataset_renamed", args={"before": it.name, "after": name}),
        undo=tuple(argv.rename_argv(name, it.name)),
    )
    fact = DatasetRenamed(dataset=it.id, pool=it.pool, name=name, before=it.name)
    stem = DatasetCreated(
        dataset=it.id, pool=it.pool, name=name, type=it.type, volsize=None, properties={},
        encryption=it.encryption if not it.is_encryption_root else "off",
        encryption_root=it.encryption_root if not it.is_encryption_root else "", key=None,
    )  # fmt: skip
    above = [_parent(each, pool, stem, NewDataset(name), mint) for each in missing]
    moved = len(below)
    return Plan(
        title=f"Rename {it.name} to {name}",
        resources=resources_of(it.name, name, *missing),
        steps=(*(_create(p.name, argv.create_argv(p.name, {})) for p in above), rename),
        outcome=(*(Outcome.of(each.dataset, each) for each in above), Outcome.of(it.id, fact)),
        stops=tuple(users),
        warnings=(f"{moved} dataset{'s' if moved > 1 else ''} below it get new names too.",) if moved else (),
    )


def _check_encryption_root(it: DatasetFacts, name: str, known: Known) -> None:
    above = next((known[one] for one in _above(name) if one in known), None)
    root = above.encryption_root if above is not None else ""
    if it.is_encryption_root or it.encryption_root == root:
        return
    raise Conflict(
        f"“{name}” would be of another encryption root ({root or 'none'}) than now ({it.encryption_root or 'none'}).",
        code="other_encryption_root",
        field="name",
        hint="Give it a key of its own first (change-key)." if it.encryption_root else "Encrypted data must be copied.",
    )


def promote_clone(
    it: DatasetFacts,
    former: DatasetFacts | None,
    pool: PoolState,
    snapshots: Sequence[SnapshotFacts],
    own_snapshots: Sequence[str],
) -> Plan:
    """`zfs promote`. ``snapshots``: those of what it is a clone of; ``own_snapshots``: the names behind its @."""
    if not it.origin or former is None:
        raise Conflict(f"“{it.name}” is no clone.", code="not_a_clone", hint="Only a clone can be promoted.")
    check_pool(pool, it.name)
    shared = it.origin.partition("@")[2]
    origin = next((s for s in snapshots if s.name == it.origin), None)
    came = [s.name.partition("@")[2] for s in snapshots if origin is not None and s.txg <= origin.txg] or [shared]
    if both := sorted(set(came) & set(own_snapshots)):
        raise Conflict(
            f"Both have a snapshot “{both[0]}”.",
            code="snapshot_exists",
            hint="Rename or destroy one of the two: the clone takes over the snapshots of its origin.",
        )
    fact = DatasetPromoted(
        dataset=it.id,
        pool=it.pool,
        name=it.name,
        former=former.name,
        former_dataset=former.id,
        snapshot=shared,
        snapshots=tuple(came),
    )
    step = Run(
        title=f"Promote {it.name}",
        argv=tuple(argv.promote_argv(it.name)),
        deadline=DEADLINE,
        done=Probe(name="storage.origin_is", args={"name": former.name, "origin": f"{it.name}@{shared}"}),
        undo=tuple(argv.promote_argv(former.name)),
    )
    return Plan(
        title=f"Promote {it.name}",
        resources=resources_of(it.name, former.name),
        steps=(step,),
        outcome=(Outcome.of(it.id, fact),),
        warnings=(f"{len(came)} snapshots of “{former.name}” become its own; “{former.name}” is its clone then.",),
    )
