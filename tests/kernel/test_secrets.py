"""Secrets by reference: encrypted at rest, forgotten in time, fed to a tool and seen nowhere else."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from calypso import home
from calypso.kernel import redaction, secrets
from calypso.kernel.errors import Conflict, Unavailable
from calypso.kernel.models import Operation
from calypso.kernel.plans import Plan, Probe, Run
from calypso.kernel.redaction import MASK, redact

VALUE = "correct horse battery"


@pytest.fixture
def vault(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.HOME = replace(settings.HOME, root=tmp_path)
    (tmp_path / "vault").mkdir(mode=0o700)
    yield tmp_path / "vault"
    assert not list((tmp_path / "vault").glob(".*"))  # no drafts


def test_what_is_put_is_got_until_it_is_discarded(vault: Path) -> None:
    ref = secrets.reference()
    assert secrets.put(ref, VALUE, once=False) and secrets.is_kept(ref)
    assert secrets.get(ref) == VALUE
    [path] = vault.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert VALUE.encode() not in path.read_bytes()
    secrets.discard([ref])
    secrets.discard([ref])
    with pytest.raises(Conflict, match="no longer kept") as gone:
        secrets.get(ref)
    assert gone.value.code == "secret_gone" and not secrets.is_kept(ref) and not secrets.is_kept("")


def test_the_first_value_stays(vault: Path) -> None:
    """A repeated request must not change the key that data is already encrypted with."""
    ref = secrets.reference("user:sari", "key-1")
    assert secrets.put(ref, VALUE, once=False)
    assert not secrets.put(ref, "another one", once=True)
    assert secrets.get(ref) == VALUE


def test_files_are_bound_to_their_reference_and_to_the_appliances_key(vault: Path, settings: Any) -> None:
    one, other = secrets.reference(), secrets.reference()
    for ref in (one, other):
        secrets.put(ref, VALUE, once=False)
    first, second = (vault / ref.removeprefix("secret://") for ref in (one, other))
    second.write_bytes(first.read_bytes())
    with pytest.raises(Unavailable) as swapped:
        secrets.get(other)
    assert swapped.value.code == "secret_unreadable"
    settings.SECRETS = {**settings.SECRETS, "VAULT_KEY": "another"}
    with pytest.raises(Unavailable):
        secrets.get(one)
    settings.SECRETS = {}
    with pytest.raises(Unavailable) as keyless:
        secrets.get(one)
    assert keyless.value.code == "no_vault_key"


@pytest.mark.parametrize(
    "wrong", ["secret://../../etc/passwd", "secret://" + "0" * 31, "", "0" * 32, "secret://" + "G" * 32]
)
def test_nothing_else_is_a_reference(vault: Path, wrong: str) -> None:
    with pytest.raises(ValueError, match="no reference"):
        secrets.get(wrong)


def test_references_of_equal_requests_are_equal_and_fingerprints_are_keyed(settings: Any) -> None:
    assert secrets.reference() != secrets.reference()
    assert secrets.reference("a", "b") == secrets.reference("a", "b") != secrets.reference("ab", "")
    before = secrets.fingerprint(VALUE)
    assert before == secrets.fingerprint(VALUE) != secrets.fingerprint("another")
    settings.FINGERPRINT_KEY = "another"
    assert secrets.fingerprint(VALUE) != before


def test_it_is_opened_as_a_line_and_masked_meanwhile(vault: Path) -> None:
    ref = secrets.reference()
    secrets.put(ref, VALUE, once=True)
    with secrets.opened(ref) as line:
        assert line == f"{VALUE}\n".encode()
        assert redact(f"bad key {VALUE}") == f"bad key {MASK}"
    assert VALUE in redact(f"bad key {VALUE}") and VALUE not in redaction._values
    with secrets.opened("") as nothing:
        assert nothing is None


def test_a_command_that_is_refused_leaves_nothing(vault: Path) -> None:
    ref = secrets.reference()
    with pytest.raises(KeyError), secrets.handed_over(ref, VALUE, once=True):
        assert secrets.get(ref) == VALUE
        raise KeyError
    assert list(vault.iterdir()) == []
    secrets.put(ref, VALUE, once=True)
    with pytest.raises(KeyError), secrets.handed_over(ref, VALUE, once=True):
        raise KeyError
    assert secrets.is_kept(ref)  # an earlier request's, which may be under way


# --- operations -------------------------------------------------------------------------------------------------------


def operation(monkeypatch: pytest.MonkeyPatch, state: str, ref: str, *steps: str) -> Operation:
    monkeypatch.setattr(Operation, "refresh_from_db", lambda self: None)
    return Operation(state=state, input={"key": {"secret": ref}}, steps=[{"state": step} for step in steps])


@pytest.mark.parametrize(
    ("state", "steps", "once", "kept"),
    [
        ("succeeded", ["done"], True, False),
        ("failed", ["failed"], True, False),
        ("cancelled", ["waiting"], True, False),
        ("queued", ["waiting"], True, True),
        ("running", ["running"], True, True),
        ("succeeded", ["done"], False, True),
        ("failed", ["failed"], False, False),
        ("failed", ["undone", "failed"], False, False),
        ("cancelled", ["waiting"], False, False),
        ("failed", ["undo failed", "failed"], False, True),
        ("interrupted", ["running"], False, True),
    ],
)
def test_what_an_ended_operation_leaves(
    vault: Path, monkeypatch: pytest.MonkeyPatch, state: str, steps: list[str], once: bool, kept: bool
) -> None:
    ref = secrets.reference()
    secrets.put(ref, VALUE, once=once)
    secrets.ended(operation(monkeypatch, state, ref, *steps))
    assert secrets.is_kept(ref) is kept


@pytest.mark.django_db
def test_what_a_crash_left_goes_when_it_is_old(vault: Path) -> None:
    old, young, key = secrets.reference(), secrets.reference(), secrets.reference()
    for ref, once in ((old, True), (young, True), (key, False)):
        secrets.put(ref, VALUE, once=once)
    long_ago = time.time() - 2 * secrets.ORPHANED_SECONDS
    for path in vault.iterdir():
        if young.removeprefix("secret://") not in path.name:
            os.utime(path, (long_ago, long_ago))
    secrets.sweep()
    assert [secrets.is_kept(ref) for ref in (old, young, key)] == [False, True, True]


def test_a_plan_names_references_only_and_its_digest_counts_them_by_order() -> None:
    def plan(ref: str) -> Plan:
        step = Run(title="t", argv=("zfs",), deadline=1, done=Probe(name="p"), stdin=ref)
        return Plan(title="t", resources=(), steps=(step,))

    one, other = plan(secrets.reference()), plan(secrets.reference())
    assert one.digest == other.digest != plan("").digest
    assert "stdin" not in plan("").model_dump(mode="json")["steps"][0]
    with pytest.raises(ValidationError):
        plan(VALUE)


# --- the appliance's own keys -----------------------------------------------------------------------------------------


def test_a_folder_of_an_older_calypso_gets_the_key_and_keeps_the_others(tmp_path: Path) -> None:
    folder = home.Home(tmp_path / "home")
    home.prepare(folder)
    assert stat.S_IMODE(folder.vault.stat().st_mode) == 0o700
    whole = folder.secrets_file.read_text()
    older = "".join(line for line in whole.splitlines(keepends=True) if not line.startswith("VAULT_KEY"))
    folder.secrets_file.write_text(older.rstrip("\n"))
    home.prepare(folder)
    now = folder.secrets_file.read_text()
    assert now.startswith(older) and set(home.secrets(folder)) == set(home.SECRET_NAMES)
    assert home.secrets(folder)["VAULT_KEY"] != home.secrets(home.Home(tmp_path))["VAULT_KEY"]
    assert stat.S_IMODE(folder.secrets_file.stat().st_mode) == 0o600
    home.prepare(folder)
    assert folder.secrets_file.read_text() == now
