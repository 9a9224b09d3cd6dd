"""The read model of tokens."""

from __future__ import annotations

from apps.system.domain.accounts import TokenCreated, TokenRevoked
from apps.system.models.accounts import Token
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Tables

projection = Projection("system", 1, lambda: [Token])


@projection.on(TokenCreated)
def token_created(tables: Tables, e: Recorded[TokenCreated]) -> None:
    tables.put(
        Token,
        {
            "id": e.event.token,
            "username": e.event.username,
            "name": e.event.name,
            "scope": list(e.event.scope),
            "fingerprint": e.event.fingerprint,
            "created_at": e.recorded_at,
            "expires_at": e.event.expires_at,
            "revoked_at": None,
        },
    )


@projection.on(TokenRevoked)
def token_revoked(tables: Tables, e: Recorded[TokenRevoked]) -> None:
    row = tables.get(Token, e.event.token)
    if row is not None and row["revoked_at"] is None:
        tables.put(Token, {**row, "revoked_at": e.recorded_at})
