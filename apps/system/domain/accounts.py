"""Events of the system context: logins, tokens, accounts and processes."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from calypso.kernel.events import Event, Kind, event


def user_stream(username: str) -> UUID:
    """The stream of what concerns one account name."""
    return uuid5(NAMESPACE_URL, f"calypso:user:{username}")


def process_stream(process: str) -> UUID:
    """The stream of what concerns one process of the appliance."""
    return uuid5(NAMESPACE_URL, f"calypso:process:{process}")


class AccountEvent(Event):
    username: str

    def keys(self) -> tuple[str, ...]:
        return (f"system.user.{self.username}",)


@event("system.AccountChanged.v1", Kind.SECURITY)
class AccountChanged(AccountEvent):
    """An account as it is now: made, or changed. ``fields`` names what differs; a password only by its field's name."""

    created: bool
    active: bool
    staff: bool
    superuser: bool
    roles: tuple[str, ...]
    fields: tuple[str, ...]


@event("system.AccountDeleted.v1", Kind.SECURITY)
class AccountDeleted(AccountEvent):
    pass


@event("system.LoginSucceeded.v1", Kind.SECURITY)
class LoginSucceeded(AccountEvent):
    method: str


@event("system.LoginFailed.v1", Kind.SECURITY)
class LoginFailed(AccountEvent):
    method: str
    cause: str


@event("system.LoggedOut.v1", Kind.SECURITY)
class LoggedOut(AccountEvent):
    pass


@event("system.TokenRefused.v1", Kind.SECURITY)
class TokenRefused(Event):
    """A token or JWT that is wrong, expired or revoked. ``count`` since the last such event from that address."""

    method: str
    cause: str
    count: int


class TokenEvent(Event):
    token: UUID

    def keys(self) -> tuple[str, ...]:
        return (f"system.token.{self.token}",)


@event("system.TokenCreated.v1", Kind.SECURITY)
class TokenCreated(TokenEvent):
    """A personal API token. ``fingerprint`` is HMAC-SHA-256 under a key outside the database, never the token."""

    username: str
    name: str
    scope: tuple[str, ...]
    expires_at: datetime | None
    fingerprint: str


@event("system.TokenRevoked.v1", Kind.SECURITY)
class TokenRevoked(TokenEvent):
    pass


@event("system.ProcessRestarted.v1", Kind.OBSERVATION)
class ProcessRestarted(Event):
    process: str
    exit_code: int | None
    signal: int | None

    def keys(self) -> tuple[str, ...]:
        return (f"system.process.{self.process}",)
