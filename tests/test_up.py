"""`manage.py up`: what it refuses and how it says so, what it restarts, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import stat
import time
from pathlib import Path

import psycopg
import pytest

from calypso import home as folder_of_state
from calypso import postgres
from tests.support.appliance import Appliance, children, free_port, processes_of, start, up, wait_for

pytestmark = pytest.mark.whole


def refusal(home: Path, port: int | None = None, **more: str) -> str:
    """The one line that a start must end with."""
    done = up(home, port or free_port(), **more)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len([line for line in lines if not line.startswith("Let PostgreSQL's user")]) == 1, done.stderr
    assert lines[-1].startswith("calypso: ")
    return lines[-1]


def test_a_folder_of_a_newer_version_is_refused_and_left_alone(folder: Path) -> None:
    (folder / "version").write_text("999\n")
    line = refusal(folder)
    assert "newer Calypso" in line and str(folder) in line
    assert [path.name for path in folder.iterdir()] == ["version"]


def test_an_unwritable_folder_is_refused(folder: Path) -> None:
    (folder / "file").write_text("")
    assert "Can't write to the data folder" in refusal(folder / "file" / "home")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_refused(folder: Path) -> None:
    folder.chmod(0o500)
    assert "Can't write to the data folder" in refusal(folder)


def test_a_busy_port_is_refused(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        line = refusal(folder / "home", port)
    assert f"127.0.0.1:{port}" in line and "CALYPSO_PORT" in line
    assert not postgres.is_alive(folder / "home" / "db")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(folder: Path, port: str) -> None:
    assert "no port" in refusal(folder / "home", CALYPSO_PORT=port)


def test_a_broken_configuration_file_is_refused(folder: Path) -> None:
    (folder / "calypso.yaml").write_text("database: [")
    assert "calypso.yaml" in refusal(folder)


def test_a_second_start_on_the_same_folder_is_refused(appliance: Appliance) -> None:
    line = refusal(appliance.home)
    assert "already runs" in line and str(appliance.process.pid) in line
    assert appliance.status() is not None


def test_folders_and_secrets_are_private(appliance: Appliance) -> None:
    assert stat.S_IMODE((appliance.home / "secrets.env").stat().st_mode) == 0o600
    for name in ("db", "logs", "run", "lab"):
        assert stat.S_IMODE((appliance.home / name).stat().st_mode) == 0o700
    for log in (appliance.home / "logs").iterdir():
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_postgresql_trusts_nobody_and_listens_on_no_port(appliance: Appliance) -> None:
    with appliance.database() as connection:
        rules = connection.execute("SELECT type, user_name, auth_method FROM pg_hba_file_rules").fetchall()
        assert rules == [("local", ["postgres"], "peer"), ("local", ["calypso"], "scram-sha-256")]
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        rights = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'calypso%'"
        assert set(connection.execute(rights).fetchall()) == {(False, False, False)}


@pytest.mark.parametrize("name", ["web", "worker", "observer"])
def test_a_killed_child_comes_back_and_that_is_an_event(appliance: Appliance, name: str) -> None:
    before = wait_for(lambda: appliance.child(name), 10, f"{name} runs")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: appliance.child(name) not in (None, before), 5, f"another {name}")
    wait_for(lambda: restarts(appliance, name), 10, "the event")
    wait_for(lambda: appliance.status() not in (None, 500, 503), 20, "answers again")


def test_a_killed_worker_leaves_no_process_of_its_group(appliance: Appliance) -> None:
    before = wait_for(lambda: appliance.child("worker"), 10, "worker runs")
    group = wait_for(lambda: descendants(before) if len(descendants(before)) > 4 else None, 20, "its workers")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in group), 5, "all ended")


def test_a_killed_postgresql_comes_back_and_that_is_an_event(appliance: Appliance) -> None:
    before = postgres.server_pid(appliance.home / "db")
    assert before
    web = appliance.child("web")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: postgres.server_pid(appliance.home / "db") not in (None, before), 5, "another server")
    wait_for(lambda: appliance.status("/admin/login/") == 200, 20, "answers")
    wait_for(lambda: restarts(appliance, "postgresql"), 20, "the event")
    assert appliance.child("web") == web, "the web process reconnects by itself"


def test_a_killed_supervisor_leaves_only_postgresql_which_is_adopted(own_appliance: Appliance) -> None:
    home = own_appliance.home
    own_appliance.process.kill()
    own_appliance.process.wait()
    wait_for(lambda: processes_of(home) == [], 5, "all children ended")
    server = postgres.server_pid(home / "db")
    assert postgres.is_alive(home / "db")
    again = start(home, password="another-Password-8")
    assert postgres.server_pid(home / "db") == server
    again.stop()
    assert not postgres.is_alive(home / "db")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])  # SIGTERM: every stop()
def test_a_signal_ends_everything_in_time(folder: Path, number: int) -> None:
    running = start(folder / "home")
    try:
        began = time.monotonic()
        running.process.send_signal(number)
        assert running.process.wait(10) == 0
        assert time.monotonic() - began < 10
        assert processes_of(running.home) == []
        assert not postgres.is_alive(running.home / "db")
        assert "Traceback" not in running.output
    finally:
        running.destroy()


def test_a_child_that_ignores_sigterm_is_killed_in_time(own_appliance: Appliance) -> None:
    observer = wait_for(lambda: own_appliance.child("observer"), 10, "observer runs")
    os.kill(observer, signal.SIGSTOP)
    assert own_appliance.stop() < 10
    assert processes_of(own_appliance.home) == []


def test_the_first_password_is_shown_once_and_is_in_no_log(folder: Path) -> None:
    first = start(folder / "home", password="")
    try:
        [line] = [line for line in first.output.splitlines() if line.startswith("First administrator")]
        password = line.split("password ")[1].split()[0]
        assert len(password) >= 16
        first.stop()
        assert password not in first.logs
        second = start(folder / "home", password="")
        second.stop()
        assert "First administrator" not in second.output
        assert password not in second.output
    finally:
        first.destroy()


def test_no_secret_of_the_folder_is_in_a_log(appliance: Appliance) -> None:
    secrets = [line.split("=", 1)[1] for line in (appliance.home / "secrets.env").read_text().splitlines()]
    assert len(secrets) == len(folder_of_state.SECRET_NAMES)
    shown = appliance.output + appliance.logs
    for secret in [*secrets, appliance.admin_password]:
        assert secret not in shown


def test_a_long_path_works(folder: Path) -> None:
    running = start(folder / ("long" * 30) / "home with ' quote")
    running.stop()


def restarts(appliance: Appliance, name: str) -> list[object]:
    """The events about it; none while the database is away."""
    try:
        events = appliance.events("system.ProcessRestarted")
    except psycopg.OperationalError:
        return []
    return [state for _, _, state in events if name.encode() in bytes(state)]


def descendants(pid: int) -> list[int]:
    own = [child for child, _ in children(pid)]
    return own + [deeper for child in own for deeper in descendants(child)]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
