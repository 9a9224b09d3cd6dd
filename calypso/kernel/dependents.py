"""What uses a resource: each context tells of its own things, and none needs to know another."""

from __future__ import annotations

from collections.abc import Callable

from calypso.kernel.plans import Dependent

Teller = Callable[[str], list[Dependent]]
_tellers: list[Teller] = []


def tells_dependents(function: Teller) -> Teller:
    """Registers a function from a resource's address to what uses it or anything below it, from the read models."""
    _tellers.append(function)
    return function


def used_by(address: str) -> tuple[Dependent, ...]:
    """Everything known that uses the resource of this address, by kind and name."""
    found = [dependent for teller in _tellers for dependent in teller(address)]
    return tuple(sorted(found, key=lambda dependent: (dependent.kind, dependent.name)))
