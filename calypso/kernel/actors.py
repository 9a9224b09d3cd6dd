"""Who asks: roles, permissions and the actor that every command, refusal and event names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from calypso.kernel.events import Metadata


class Permission(StrEnum):
    READ = "read"  # see state, operations and events
    OPERATE = "operate"  # what changes no configuration and destroys nothing: scrub, scan, cancel
    ADMINISTER = "administer"  # everything that changes or destroys
    AUDIT = "audit"  # see security events; export


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.OPERATOR: frozenset({Permission.READ, Permission.OPERATE}),
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.AUDITOR: frozenset({Permission.READ, Permission.AUDIT}),
}


@dataclass(frozen=True)
class Actor:
    """Somebody with permissions. ``name`` is ``user:sari``, ``system`` or ``observer``; ``auth`` how it was proven."""

    name: str
    auth: str
    source: str
    permissions: frozenset[Permission]
    correlation_id: UUID | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def metadata(self, reason: str = "") -> Metadata:
        """The metadata of an event that this actor causes."""
        return Metadata(
            actor=self.name, auth=self.auth, source=self.source, reason=reason, correlation_id=self.correlation_id
        )

    def limited_to(self, scope: frozenset[Permission]) -> Actor:
        """The same actor with no more than the permissions of a token's scope."""
        return replace(self, permissions=self.permissions & scope)


OBSERVER = Actor("observer", "process", "", frozenset())
SYSTEM = Actor("system", "process", "", frozenset())
SCHEDULER = Actor("scheduler", "process", "", frozenset({Permission.OPERATE, Permission.ADMINISTER}))

_acting: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)


def acting() -> Actor:
    """On whose behalf this task or thread works; the system's own when nobody said."""
    return _acting.get()


def act_as(actor: Actor) -> None:
    """Says on whose behalf the rest of this request works."""
    _acting.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Says on whose behalf the block works."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)
