"""Encryption in the lab: keys from stdin and files, their roots, what refuses without a key; no key in the state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lab_box import Box
from tests.support.lab_zfs import act, box, refused, value, write

__all__ = ["box"]

PHRASE = b"correct horse battery\n"
NEW = b"another horse battery\n"
HEX = b"00112233445566778899aabbccddeeff" * 2 + b"\n"


@pytest.fixture
def secret(box: Box) -> Box:
    said = box.run("zfs", "create", "-o", "encryption=on", "-o", "keyformat=passphrase", "tank/secret", stdin=PHRASE)
    assert (said.exit_code, said.stderr) == (0, "")
    box.ok("zfs", "create", "tank/secret/child")
    return box


def test_what_is_shown_of_an_encrypted_dataset(secret: Box) -> None:
    fields = ("-o", "property,value,source", "encryption,keylocation,keyformat,pbkdf2iters,encryptionroot,keystatus")
    assert secret.ok("zfs", "get", "-Hp", *fields, "tank/secret").splitlines() == [
        "encryption\taes-256-gcm\t-",
        "keylocation\tprompt\tlocal",
        "keyformat\tpassphrase\t-",
        "pbkdf2iters\t350000\t-",
        "encryptionroot\ttank/secret\t-",
        "keystatus\tavailable\t-",
    ]
    assert secret.ok("zfs", "get", "-Hp", *fields, "tank/secret/child").splitlines()[1:2] == [
        "keylocation\tnone\tdefault"
    ]
    assert value(secret, "tank/secret/child", "encryptionroot") == "tank/secret"


def test_the_state_keeps_no_key(secret: Box, tmp_path: Path) -> None:
    secret.run("zfs", "create", "-o", "encryption=on", "-o", "keyformat=hex", "tank/hex", stdin=HEX)
    secret.run("zfs", "change-key", "tank/secret", stdin=NEW)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for key in (PHRASE, HEX, NEW):
        assert key.strip() not in kept


def test_without_its_key_nothing_below_can_be_mounted(secret: Box) -> None:
    assert refused(secret, "zfs", "unload-key", "tank/secret") == (255, "Key unload error: 'tank/secret' is busy.\n")
    secret.ok("zfs", "unmount", "-u", "tank/secret")
    assert value(secret, "tank/secret/child", "keystatus") == "unavailable"
    code, said = refused(secret, "zfs", "mount", "tank/secret/child")
    assert (code, said) == (1, "cannot mount 'tank/secret/child': encryption key not loaded\n")
    assert secret.ok("zfs", "mount", "-a") == "" and value(secret, "tank/secret", "mounted") == "no"
    assert refused(secret, "zfs", "create", "tank/secret/more")[1].endswith("Parent key must be loaded.\n")
    with pytest.raises(ValueError, match="not mounted"):
        write(secret, "tank/secret", 1)
    code, said = refused(secret, "zfs", "load-key", "tank/secret/child", stdin=PHRASE)
    root = "Keys must be loaded for encryption root of 'tank/secret/child' (tank/secret)."
    assert (code, said) == (255, f"Key load error: {root}\n")
    assert refused(secret, "zfs", "load-key", "tank", stdin=PHRASE)[1] == "Key load error: 'tank' is not encrypted.\n"
    assert refused(secret, "zfs", "load-key", "tank/secret")[1] == "Key load error: encryption failure\n"
    said_n = secret.run("zfs", "load-key", "-n", "tank/secret", stdin=PHRASE)
    assert said_n.stdout == "1 / 1 key(s) successfully verified\n"
    assert value(secret, "tank/secret", "keystatus") == "unavailable"
    assert secret.run("zfs", "mount", "-l", "tank/secret", stdin=PHRASE).exit_code == 0
    secret.ok("zfs", "mount", "tank/secret/child")


def test_many_keys_at_once(secret: Box) -> None:
    secret.run("zfs", "create", "-o", "encryption=on", "-o", "keyformat=hex", "tank/hex", stdin=HEX)
    secret.ok("zfs", "unmount", "-a")
    assert secret.ok("zfs", "unload-key", "-a") == "2 / 2 key(s) successfully unloaded\n"
    said = secret.run("zfs", "load-key", "-a", stdin=HEX + b"wrong horse battery\n")
    assert (said.exit_code, said.stdout) == (255, "1 / 2 key(s) successfully loaded\n")
    assert said.stderr == "Key load error: Incorrect key provided for 'tank/secret'.\n"
    assert secret.run("zfs", "load-key", "-r", "tank", stdin=PHRASE).stdout == "1 / 1 key(s) successfully loaded\n"
    assert secret.ok("zfs", "load-key", "-a") == ""


def test_change_key(secret: Box) -> None:
    assert secret.run("zfs", "change-key", "tank/secret", stdin=NEW).exit_code == 0
    secret.ok("zfs", "unmount", "-u", "tank/secret")
    assert refused(secret, "zfs", "load-key", "tank/secret", stdin=PHRASE)[0] == 255
    code, said = refused(secret, "zfs", "change-key", "tank/secret", stdin=PHRASE)
    assert (code, said) == (255, "Key change error: Key must be loaded.\n")
    assert secret.run("zfs", "load-key", "tank/secret", stdin=NEW).exit_code == 0
    argv = ("zfs", "change-key", "-o", "keyformat=passphrase", "tank/secret/child")
    assert secret.run(*argv, stdin=PHRASE).exit_code == 0
    assert value(secret, "tank/secret/child", "encryptionroot") == "tank/secret/child"
    secret.ok("zfs", "change-key", "-i", "tank/secret/child")
    assert value(secret, "tank/secret/child", "encryptionroot") == "tank/secret"
    wrong = refused(secret, "zfs", "change-key", "-i", "tank/secret/child")[1]
    assert wrong == "Key change error: Key inheritting can only be performed on encryption roots.\n"
    assert refused(secret, "zfs", "change-key", "tank", stdin=NEW)[1] == "Key change error: Dataset not encrypted.\n"


def test_keys_in_files(box: Box, tmp_path: Path) -> None:
    file = tmp_path / "a key"
    file.write_bytes(bytes(range(32)))
    where = f"keylocation=file://{str(file).replace(' ', '%20')}"
    box.ok("zfs", "create", "-o", "encryption=aes-128-ccm", "-o", "keyformat=raw", "-o", where, "tank/raw")
    box.ok("zfs", "unmount", "-u", "tank/raw")
    box.ok("zfs", "load-key", "tank/raw")
    box.ok("zfs", "unload-key", "tank/raw")
    file.unlink()
    missing = "Key load error: Failed to open key material file: No such file or directory\n"
    assert refused(box, "zfs", "load-key", "tank/raw") == (255, missing)
    file.write_bytes(bytes(31))
    assert refused(box, "zfs", "load-key", "tank/raw")[1] == "Key load error: Raw key too short (expected 32).\n"
    assert box.run("zfs", "load-key", "-L", "prompt", "tank/raw", stdin=bytes(range(32))).exit_code == 0


@pytest.mark.parametrize(
    ("form", "given", "why"),
    [
        ("passphrase", b"x" * 513, "Passphrase too long (max 512)."),
        ("hex", b"0011\n", "Hex key too short (expected 64)."),
        ("hex", b"x" * 64, "Invalid hex character detected."),
        ("raw", bytes(40), "Raw key too long (expected 32)."),
    ],
)
def test_bad_keys(box: Box, form: str, given: bytes, why: str) -> None:
    argv = ("zfs", "create", "-o", "encryption=on", "-o", f"keyformat={form}", "tank/x")
    assert refused(box, *argv, stdin=given) == (1, f"cannot create 'tank/x': {why}\n")


def test_an_encrypted_pool_leaves_without_its_key(box: Box) -> None:
    box.ok("zpool", "destroy", "tank")
    argv = ["zpool", "create", "-O", "encryption=on", "-O", "keyformat=passphrase", "vault"]
    disk = "/dev/disk/by-id/wwn-0x5000c50000000003"
    assert box.run(*argv, disk, stdin=b"short\n").stderr == "cannot create 'vault': Passphrase too short (min 8).\n"
    assert box.run(*argv, disk, stdin=PHRASE).exit_code == 0
    assert value(box, "vault", "mounted") == "yes"
    box.ok("zpool", "export", "vault")
    box.ok("zpool", "import", "vault")
    assert (value(box, "vault", "keystatus"), value(box, "vault", "mounted")) == ("unavailable", "no")
    assert box.run("zfs", "load-key", "vault", stdin=PHRASE).exit_code == 0
    box.ok("zfs", "mount", "-a")
    assert box.ok("zfs", "mount") == f"{'vault':<30}  /vault\n"


def test_a_clone_has_its_origins_key(secret: Box) -> None:
    secret.ok("zfs", "snapshot", "tank/secret@a")
    secret.ok("zfs", "clone", "tank/secret@a", "tank/copy")
    assert value(secret, "tank/copy", "encryptionroot") == "tank/secret"
    assert refused(secret, "zfs", "change-key", "tank/copy", stdin=NEW)[1].endswith("cannot be changed on clones.\n")
    why = "cannot move encrypted child outside of its encryption root"
    said = refused(secret, "zfs", "rename", "tank/secret/child", "tank/child")[1]
    assert said == f"cannot rename 'tank/secret/child': {why}\n"
    assert act(secret, lambda state: len(state["pools"])) == 1
