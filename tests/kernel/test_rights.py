"""Who may do what to the ledger: the application appends and reads; nobody changes the past, superusers included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from psycopg.errors import InsufficientPrivilege

from calypso.kernel import store
from calypso.kernel.ledger import CompactRange

OWNER = "calypso_owner"

Connection = psycopg.Connection[Any]


def connected(alias: str) -> Connection:
    parameters = connections[alias].get_connection_params()
    names = ("host", "user", "password", "dbname")
    return psycopg.connect(**{n: parameters[n] for n in names if n in parameters}, autocommit=True)


@pytest.fixture(scope="module")
def _three_events(module_database: str) -> None:
    for _ in range(3):
        store.recorder.insert_events([store.Envelope(uuid4(), 1, "a.B.v1", b"{}", keys=("k",))])


@pytest.fixture
def ledger(_three_events: None) -> Iterator[None]:
    """Three events; whatever the test tried, they are all that there is afterwards."""
    before = content()
    yield
    assert content() == before
    assert before[0] == 3


def content() -> tuple[int, CompactRange, list[Any]]:
    return store.position(), store.head(), store.query("SELECT * FROM ledger.event ORDER BY position")


@pytest.fixture
def application(ledger: Any) -> Iterator[Connection]:
    with connected("default") as connection:
        yield connection


@pytest.fixture
def superuser(ledger: Any) -> Iterator[Connection]:
    with connected("admin") as connection:
        yield connection


ROW = """SELECT 4, gen_random_uuid(), stream, 9, type, kind, recorded_at, actor, auth, source, reason,
    NULL, NULL, NULL, keys, state, leaf"""
FORBIDDEN = [
    f"INSERT INTO ledger.event {ROW} FROM ledger.event LIMIT 1",
    "INSERT INTO ledger.head VALUES (false, 9, '{}')",
    "UPDATE ledger.event SET actor = 'nobody'",
    "UPDATE ledger.head SET size = 99",
    "DELETE FROM ledger.event",
    "DELETE FROM ledger.head",
    "TRUNCATE ledger.event",
    "TRUNCATE ledger.head",
    "MERGE INTO ledger.event e USING ledger.head h ON true WHEN MATCHED THEN DELETE",
    "SELECT * FROM ledger.event FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE ledger.event IN ACCESS EXCLUSIVE MODE; END $$",
    "COPY ledger.event FROM STDIN",
    "DROP TABLE ledger.event",
    "DROP SCHEMA ledger CASCADE",
    "ALTER TABLE ledger.event DISABLE TRIGGER ALL",
    "ALTER TABLE ledger.event DISABLE TRIGGER refuse_row_change",
    "ALTER TABLE ledger.event ADD COLUMN extra int",
    "ALTER TABLE ledger.event OWNER TO calypso",
    "DROP TRIGGER refuse_row_change ON ledger.event",
    "CREATE TRIGGER mine BEFORE INSERT ON ledger.event FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change()",
    "CREATE RULE mine AS ON INSERT TO ledger.event DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE FUNCTION ledger.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE ledger.mine (x int)",
    "CREATE TABLE public.mine (x int)",
    "ALTER FUNCTION ledger.append SECURITY INVOKER",
    "DROP FUNCTION ledger.append",
    f"SET ROLE {OWNER}",
    "SET ROLE postgres",
    f"SET SESSION AUTHORIZATION {OWNER}",
    "SET session_replication_role = replica",
    f"GRANT {OWNER} TO calypso",
    "ALTER ROLE calypso SUPERUSER",
    "CREATE ROLE mine",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_role_is_refused(application: Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        application.execute(statement)


APPEND = """SELECT r_position FROM ledger.append(
    ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], ARRAY[1], ARRAY['a.B.v1'], ARRAY['security'], ARRAY['k'],
    ARRAY[''::bytea], '', '', '', '', NULL, NULL, NULL)"""


def test_the_application_role_reads_and_appends(application: Connection) -> None:
    with application.transaction(force_rollback=True):
        assert application.execute(APPEND).fetchall() == [(4,)]
        assert application.execute("SELECT keys FROM ledger.event WHERE position = 4").fetchall() == [(["k"],)]


def test_the_application_role_has_just_these_rights(application: Connection) -> None:
    application.execute("GRANT INSERT ON ledger.event TO PUBLIC")  # a mere warning of PostgreSQL's
    on_tables = application.execute(
        """SELECT table_name, string_agg(privilege_type, ' ') FROM information_schema.table_privileges
           WHERE table_schema = 'ledger' AND grantee IN (current_user, 'PUBLIC') GROUP BY 1 ORDER BY 1"""
    )
    assert on_tables.fetchall() == [("event", "SELECT"), ("head", "SELECT")]
    memberships = application.execute("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
                                      " WHERE r.rolname = current_user")  # fmt: skip
    assert memberships.fetchone() == (0,)


def test_a_search_path_can_not_slip_other_tables_under_the_function(application: Connection) -> None:
    """It runs with its owner's rights, so what it calls must not depend on what the caller can set or make."""
    application.execute("CREATE TEMPORARY TABLE head (size bigint, peaks bytea[])")
    application.execute("INSERT INTO head VALUES (0, '{}')")
    application.execute("SET search_path = pg_temp, ledger, public")
    with application.transaction(force_rollback=True):
        assert application.execute(APPEND).fetchall() == [(4,)]
        assert application.execute("SELECT size FROM pg_temp.head").fetchall() == [(0,)]


CHANGES = [
    "UPDATE ledger.event SET actor = 'nobody'",
    "UPDATE ledger.event SET position = position + 100",
    "DELETE FROM ledger.event",
    "DELETE FROM ledger.event WHERE position = 3",
    "TRUNCATE ledger.event",
    "TRUNCATE ledger.event CASCADE",
    "MERGE INTO ledger.event e USING ledger.head h ON true WHEN MATCHED THEN DELETE",
    "INSERT INTO ledger.event SELECT * FROM ledger.event ON CONFLICT (position) DO UPDATE SET actor = 'nobody'",
    "DELETE FROM ledger.head",
    "TRUNCATE ledger.head",
    "UPDATE ledger.head SET size = 0, peaks = '{}'",
    "UPDATE ledger.head SET size = 2",
    "UPDATE ledger.head SET peaks = '{}'",
]


@pytest.mark.parametrize("before", ["", "SET session_replication_role = replica"])
@pytest.mark.parametrize("role", ["postgres", OWNER])
@pytest.mark.parametrize("statement", CHANGES)
def test_even_owner_and_superuser_are_refused(superuser: Connection, role: str, before: str, statement: str) -> None:
    if before:
        superuser.execute(before)
    superuser.execute(f"SET ROLE {role}")
    with pytest.raises(InsufficientPrivilege, match=r"append-only|only grows"):
        superuser.execute(statement)


def test_all_triggers_fire_always(superuser: Connection) -> None:
    triggers = superuser.execute(
        """SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ledger' ORDER BY 1, 2"""
    ).fetchall()
    assert triggers == [
        ("event", "refuse_row_change", "A"),
        ("event", "refuse_truncate", "A"),
        ("head", "only_forward", "A"),
        ("head", "refuse_row_delete", "A"),
        ("head", "refuse_truncate", "A"),
    ]


def test_the_owner_role_can_not_log_in(superuser: Connection) -> None:
    rights = superuser.execute(
        "SELECT rolcanlogin, rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s", [OWNER]
    )
    assert rights.fetchone() == (False, False, False, False)
