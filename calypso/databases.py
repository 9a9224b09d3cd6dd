"""Django's two ways into the one database: `default` as the application, `admin` as the role that migrates."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from calypso import postgres
from calypso.home import Home, Refused

NAME = "calypso"
ROLE = "calypso"

CONNECT_TIMEOUT = 3  # seconds


def databases(home: Home, config: dict[str, Any], password: str) -> dict[str, dict[str, Any]]:
    """DATABASES from `database.url` and `database.admin_url`, or else for the embedded server."""
    url = config.get("database.url")
    if url:
        default, admin = from_url(url), from_url(config.get("database.admin_url") or url)
    else:
        socket = str(postgres.socket_folder(home.db))
        default = {"NAME": NAME, "USER": ROLE, "PASSWORD": password, "HOST": socket, "PORT": ""}
        admin = {"NAME": NAME, "USER": postgres.SUPERUSER, "PASSWORD": "", "HOST": socket, "PORT": ""}
    name = os.environ.get("CALYPSO_DATABASE")  # tests give their processes a database of their own
    return {
        alias: _complete(entry | ({"NAME": name} if name else {}), alias)
        for alias, entry in (("default", default), ("admin", admin))
    }


def from_url(url: str) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name?sslmode=…`` as a Django entry; a socket's folder is ``?host=``."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise Refused("database.url in calypso.yaml must start with postgresql://")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")) or NAME,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def _complete(given: dict[str, Any], alias: str) -> dict[str, Any]:
    process = os.environ.get("CALYPSO_PROCESS", "")
    options = {"connect_timeout": CONNECT_TIMEOUT, "application_name": f"calypso-{process or 'shell'}"}
    entry: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True, **given}
    entry["OPTIONS"] = options | entry.get("OPTIONS", {})
    if process == "web" and alias == "default":
        # Requests run in many threads, which would otherwise hold a connection each.
        entry["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 20, "timeout": 3, "max_idle": 60}
    else:
        entry["CONN_MAX_AGE"] = None
    if alias == "admin":
        entry["TEST"] = {"MIRROR": "default"}
    return entry
