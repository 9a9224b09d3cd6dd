"""Sample calls of accounts and tokens."""

from __future__ import annotations

from django.contrib.auth.models import User

from tests.api.routes.scene import (
    IN_PERSON,
    LOGIN,
    PASSWORD,
    PUBLIC,
    Route,
    Scene,
)
from tests.support.rest import Person


def refresh_of(scene: Scene) -> dict[str, str]:
    User.objects.create_user("jay", password=PASSWORD)
    pair = Person().post("/auth/jwt", {"username": "jay", "password": PASSWORD})
    return {"refresh": pair.body["refresh"]}


def credentials(scene: Scene) -> dict[str, str]:
    User.objects.create_user("jay", password=PASSWORD)
    return {"username": "jay", "password": PASSWORD}


ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/auth/login"): Route(PUBLIC, body=credentials, records="system.LoginSucceeded.v1"),
    ("GET", "/auth/csrf"): Route(PUBLIC),
    ("POST", "/auth/jwt"): Route(PUBLIC, body=credentials, records="system.LoginSucceeded.v1"),
    ("POST", "/auth/jwt/refresh"): Route(PUBLIC, body=refresh_of, records="system.LoginSucceeded.v1"),
    ("POST", "/auth/logout"): Route(LOGIN, records="system.LoggedOut.v1"),
    ("GET", "/auth/me"): Route(LOGIN),
    ("GET", "/auth/tokens"): Route(LOGIN),
    ("POST", "/auth/tokens"): Route(
        IN_PERSON, body=lambda _: {"name": "x", "scope": ["read"]}, records="system.TokenCreated.v1"
    ),
    ("DELETE", "/auth/tokens/{token_id}"): Route(
        IN_PERSON, path=lambda s: f"/auth/tokens/{s.token}", records="system.TokenRevoked.v1"
    ),
}
