"""What must hold before the appliance runs: one start per folder, a free port, a migrated database, an administrator.

Every refusal is one line: what is wrong, and what to do.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import socket
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connections

from calypso import postgres
from calypso.home import Home, Refused


def take_lock(home: Home) -> IO[str]:
    """The lock that one running appliance holds on its folder; keep the file open."""
    stream = (home.run / "up.lock").open("a+")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.seek(0)
        holder = stream.read().strip() or "unknown"
        raise Refused(
            f"Calypso already runs on {home.root} (process {holder}): stop it, or set CALYPSO_HOME to another folder."
        ) from None
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream


def check_port(host: str, port: int) -> None:
    """Raises Refused when nobody could listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        reason = "it's in use" if error.errno == errno.EADDRINUSE else error.strerror
        raise Refused(f"Can't listen on {host}:{port}, {reason}: set CALYPSO_PORT to a free port.") from error


def start_database(home: Home) -> None:
    """The embedded server with its roles, unless calypso.yaml names another."""
    if settings.EMBEDDED_DATABASE:
        postgres.ensure_running(home.db)
        postgres.bootstrap(home.db, settings.SECRETS["DATABASE_PASSWORD"])


def migrate() -> int:
    """Applies missing migrations and rebuilds the read models of changed projections. Returns how many migrations.

    Looking takes some ten milliseconds when there is nothing to do.
    """
    from django.core.management import call_command
    from django.db.migrations.executor import MigrationExecutor

    from calypso.kernel.rebuild import outdated, rebuild

    try:
        executor = MigrationExecutor(connections["admin"])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            call_command("migrate", database="admin", verbosity=0, interactive=False)
        if changed := outdated():
            rebuild(changed)
    except DatabaseError as error:
        reason = " ".join(str(error).split())
        raise Refused(f"The database can't be used ({reason}): see the log of PostgreSQL, or database.url.") from error
    finally:
        connections.close_all()
    return len(missing)


def first_administrator() -> str | None:
    """Makes `admin` when there is nobody yet. Returns the password if it was made up here, to be shown once."""
    from apps.system.accounts import ensure_first_administrator

    given = os.environ.pop("CALYPSO_ADMIN_PASSWORD", "")  # the children have no need of it
    password = given or secrets.token_urlsafe(15)
    try:
        created = ensure_first_administrator("admin", password)
    finally:
        connections.close_all()
    return password if created and not given else None
