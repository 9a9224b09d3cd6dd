"""Encrypted datasets: a passphrase is nowhere but in ZFS; a key that Calypso keeps is shown once."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Refused
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

PASSPHRASE, NEXT = "correct horse battery", "another staple in it"


@pytest.mark.row("ST 9")
def test_a_passphrase_locks_and_unlocks(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    secret = box.create_dataset(f"{pool}/secret", encryption={"passphrase": PASSPHRASE})
    path = f"/storage/datasets/{secret['id']}"
    assert (secret["encryption"], secret["key_status"]) == ("aes-256-gcm", "available")
    box.ask("POST", f"{path}/unload-key", {})
    locked = box.dataset(f"{pool}/secret")
    assert (locked["key_status"], locked["mounted"]) == ("unavailable", False)
    assert ground.ok("zfs", "get", "-H", "-o", "value", "keystatus", f"{pool}/secret").strip() == "unavailable"
    with pytest.raises(Refused) as wrong:
        box.ask("POST", f"{path}/load-key", {"passphrase": "not the right one"})
    assert wrong.value.code == "wrong_key"
    box.ask("POST", f"{path}/load-key", {"passphrase": PASSPHRASE})
    opened = box.dataset(f"{pool}/secret")
    assert (opened["key_status"], opened["mounted"]) == ("available", True)
    box.ask("POST", f"{path}/change-key", {"passphrase": NEXT})
    box.ask("POST", f"{path}/unload-key", {})
    box.ask("POST", f"{path}/load-key", {"passphrase": NEXT})
    record = str(box.items("/audit/events", stream=f"storage.dataset.{pool}/secret")) + str(box.items("/operations"))
    assert PASSPHRASE not in record and NEXT not in record


@pytest.mark.row("ST 9")
def test_a_kept_key_is_exported_once_and_on_record(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    vault = box.create_dataset(f"{pool}/vault", encryption={})
    path = f"/storage/datasets/{vault['id']}"
    assert vault["key_kept"] is True
    box.ask("POST", f"{path}/unload-key", {})
    box.ask("POST", f"{path}/load-key", {})
    key = box.ask("POST", f"{path}/export-key", {})["key"]
    assert len(bytes.fromhex(key)) == 32
    with pytest.raises(Refused) as refused:
        box.ask("POST", f"{path}/export-key", {})
    assert refused.value.code == "key_exported"
    exported = box.events("storage.KeyExported", stream=f"storage.dataset.{pool}/vault")
    assert len(exported) == 1 and exported[0]["reason"] == "acceptance" and key not in str(exported)
