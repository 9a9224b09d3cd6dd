"""What a scan looks at: everything, or what an operation touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from apps.storage.domain.datasets import pool_of

MOST_ROOTS = 50  # subtrees that are looked at one by one; of more, their whole pools are


@dataclass(frozen=True)
class Scope:
    """``pools`` None: all. ``roots``: the datasets below which to look, by pool; a pool without any: all of it.

    ``datasets`` False: the pools alone, for their progress.
    """

    disks: bool = True
    datasets: bool = True
    pools: frozenset[str] | None = None
    roots: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return self.pools is None

    def has_pool(self, name: str) -> bool:
        return self.pools is None or name in self.pools

    def roots_of(self, pool: str) -> tuple[str, ...]:
        """Where to begin in a pool."""
        return self.roots.get(pool) or (pool,)


EVERYTHING = Scope()


def scope_of(resources: Sequence[str]) -> Scope:
    """The scope of an operation on these addresses. Anything else than disks, pools and datasets is looked at whole."""
    named: dict[str, list[str]] = {"pool": [], "dataset": [], "snapshot": [], "disk": []}
    for resource in resources:
        kind, _, name = resource.removeprefix("storage.").partition(".")
        if kind not in named or not name:
            return EVERYTHING
        named[kind].append(name)
    datasets = [*named["dataset"], *(name.partition("@")[0] for name in named["snapshot"])]
    pools = frozenset([*named["pool"], *map(pool_of, datasets)])
    tops = _tops(datasets)
    roots = {} if len(tops) > MOST_ROOTS else {p: tuple(t for t in tops if pool_of(t) == p) for p in pools}
    return Scope(bool(named["disk"]), pools=pools, roots={pool: found for pool, found in roots.items() if found})


def _tops(datasets: Iterable[str]) -> list[str]:
    """Those that are not below another of them."""
    tops: list[str] = []
    for name in sorted(set(datasets)):
        if not any(name.startswith(f"{top}/") for top in tops):
            tops.append(name)
    return tops
