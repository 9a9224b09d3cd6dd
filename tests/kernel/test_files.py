"""Configuration files: edited whole or not at all, others' bytes kept, checked, backed up, undone; refusals named."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso.home import Home
from calypso.kernel import file_swap, files
from calypso.kernel.errors import CalypsoError, StalePlan
from calypso.kernel.file_text import diff, digest, to_bytes, to_text
from calypso.kernel.plans import Write
from tests.support.edited import EDIT

NAME = "/etc/tool/tool.conf"


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.CALYPSO_BOX_ROOT = tmp_path / "root"
    settings.HOME = Home(tmp_path / "home")
    (tmp_path / "root/etc/tool").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def conf(root: Path) -> Path:
    path = root / NAME.lstrip("/")
    path.write_bytes(b"# theirs: \xff\r\nkeep = 1\r\nline = old\nlast")
    return path


def step(value: str = "new", **more: Any) -> Write:
    made = files.write_step("Edit it", NAME, EDIT, {"value": value}, **more)
    assert made is not None
    return made


# --- planning ---------------------------------------------------------------------------------------------------------


def test_a_step_has_the_digests_and_only_the_lines_that_change(conf: Path) -> None:
    made = step()
    assert (made.before, made.path, made.kind) == (digest(to_text(conf.read_bytes())), NAME, "write")
    assert made.diff == f"--- {NAME}\n+++ {NAME}\n@@ -3 +3 @@\n-line = old\n+line = new"
    assert "theirs" not in made.model_dump_json() and "keep" not in made.model_dump_json()
    assert Write.model_validate_json(made.model_dump_json()) == made


def test_nothing_to_change_is_no_step(conf: Path) -> None:
    assert files.write_step("Edit it", NAME, EDIT, {"value": "old"}) is None


def test_a_file_that_is_not_there_is_made(root: Path) -> None:
    made = step(mode=0o600)
    assert (made.before, made.diff.splitlines()[0]) == ("", "--- /dev/null")
    files.write(made)
    path = root / NAME.lstrip("/")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("line = new\n", 0o600)
    files.restore(made)
    assert not path.exists() and list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        "      password: s3cretword",
        "      psk: s3cretword",
        "psk=s3cretword",
        "    wpa-psk s3cretword with blanks",
        "wep-key0=s3cretword",
        'auth: {password: "s3cretword"}',
        "private-key=s3cretword",
        "rocommunity: s3cretword\ncommunity s3cretword",
    ],
)
def test_no_secret_is_in_a_diff(line: str) -> None:
    for shown in (diff("/f", "", f"{line}\n"), diff("/f", f"{line}\n", "")):
        assert "s3cret" not in shown.replace("rocommunity: s3cretword", "") and "•••" in shown


def test_harmless_lines_are_shown_as_they_are() -> None:
    lines = "keyfile /etc/chrony/chrony.keys\nserver a key 3 iburst\npool: spinning\n"
    assert diff("/f", None, lines).endswith("".join(f"+{line}\n" for line in lines.splitlines()).rstrip())


@given(st.binary(max_size=200))
def test_bytes_come_out_as_they_went_in(data: bytes) -> None:
    assert to_bytes(to_text(data)) == data
    diff("/f", to_text(data), "").encode()


# --- writing ----------------------------------------------------------------------------------------------------------


def test_what_others_wrote_is_kept_byte_for_byte_with_owner_and_mode(conf: Path) -> None:
    conf.chmod(0o640)
    made = step()
    files.write(made)
    assert conf.read_bytes() == b"# theirs: \xff\r\nkeep = 1\r\nline = new\nlast"
    assert stat.S_IMODE(conf.stat().st_mode) == 0o640
    assert files.is_done(made)
    assert [path.name for path in conf.parent.iterdir()] == ["tool.conf"]


@pytest.mark.skipif(os.geteuid() != 0, reason="gives the file to another user")
def test_the_owner_stays(conf: Path) -> None:
    os.chown(conf, 1234, 2345)
    files.write(step())
    assert (conf.stat().st_uid, conf.stat().st_gid) == (1234, 2345)


def test_it_is_taken_back_from_the_backup(conf: Path) -> None:
    before, made = conf.read_bytes(), step()
    files.write(made)
    files.restore(made)
    assert conf.read_bytes() == before
    files.restore(made)  # again changes nothing
    assert conf.read_bytes() == before


def test_the_last_backups_are_kept_and_nobody_else_may_read_them(conf: Path, monkeypatch: Any, settings: Any) -> None:
    monkeypatch.setattr(file_swap, "BACKUPS", 3)
    for number in range(6):
        files.write(step(str(number)))
    kept = sorted((settings.HOME.backups / "files/etc/tool/tool.conf").iterdir())
    assert len(kept) == 3 and kept[-1].read_bytes().endswith(b"line = 4\nlast")
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(conf: Path) -> None:
    made = step()
    conf.write_bytes(b"line = mine\n")
    with pytest.raises(StalePlan):
        files.write(made)
    with pytest.raises(StalePlan):
        files.restore(made)
    assert conf.read_bytes() == b"line = mine\n"


def test_a_draft_that_a_crash_left_is_cleared_away(conf: Path) -> None:
    left = conf.with_name(".tool.conf.0a1b2c3d.calypso")
    left.write_text("half")
    files.write(step())
    assert not left.exists()


# --- the program's own check ------------------------------------------------------------------------------------------


def checker(root: Path, body: str) -> tuple[str, ...]:
    path = root / "check"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return (str(path), "{file}")


@pytest.mark.process
def test_a_check_sees_the_new_file_before_it_is_in_place(conf: Path, root: Path) -> None:
    made = step(check=checker(root, f'cp "$1" {root}/seen; cp {conf} {root}/there'))
    files.write(made)
    assert b"line = new" in (root / "seen").read_bytes() and b"line = old" in (root / "there").read_bytes()


@pytest.mark.process
def test_a_refusal_is_in_the_programs_own_words_and_the_file_untouched(conf: Path, root: Path, settings: Any) -> None:
    before = conf.read_bytes()
    body = 'grep -q old "$1" || { echo "bad line 3 in $1 (password=hunter2hunter2)" >&2; exit 1; }'
    with pytest.raises(files.CheckFailed) as refused:
        files.write(step(check=checker(root, body)))
    assert refused.value.code == "configuration_refused"
    assert refused.value.detail == f"bad line 3 in {NAME} (password=•••)"
    assert conf.read_bytes() == before and len(list(conf.parent.iterdir())) == 1
    assert not settings.HOME.backups.exists()


@pytest.mark.process
def test_a_file_that_was_wrong_before_is_said_to_be(conf: Path, root: Path) -> None:
    with pytest.raises(files.CheckFailed) as refused:
        files.write(step(check=checker(root, "exit 1")))
    assert "as it is, too" in refused.value.hint


# --- refusals ---------------------------------------------------------------------------------------------------------


def refused(conf: Path, made: Write) -> str:
    before = conf.read_bytes() if conf.exists() else None
    with pytest.raises(CalypsoError) as error:
        files.write(made)
    assert (conf.read_bytes() if conf.exists() else None) == before
    assert NAME in error.value.message or "backups" in error.value.message
    return error.value.code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EROFS, "read_only_filesystem"),
        (errno.EACCES, "file_not_permitted"),
        (errno.EPERM, "file_not_permitted"),
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EIO, "file_refused"),
    ],
)
def test_the_systems_refusals_have_names(conf: Path, monkeypatch: Any, number: int, code: str) -> None:
    made, opened = step(), os.open

    def fails(path: Any, flags: int, *more: Any, **others: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(number, os.strerror(number), str(path))
        return opened(path, flags, *more, **others)

    monkeypatch.setattr(os, "open", fails)
    assert refused(conf, made) == code


def test_a_rename_that_fails_leaves_no_draft(conf: Path, monkeypatch: Any) -> None:
    made = step()

    def fails(self: Path, target: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", fails)
    assert refused(conf, made) == "file_not_permitted"
    assert len(list(conf.parent.iterdir())) == 1


def test_a_missing_folder_is_named(conf: Path) -> None:
    conf.unlink()
    made = step()
    conf.parent.rmdir()
    assert refused(conf, made) == "folder_missing"


def test_a_link_is_not_replaced(conf: Path) -> None:
    made = step()
    conf.rename(conf.with_name("theirs"))
    conf.symlink_to("theirs")
    with pytest.raises(CalypsoError) as planned:
        step("other")
    assert (planned.value.code, refused(conf, made)) == ("file_is_link", "file_is_link")
    assert conf.is_symlink()


@pytest.mark.parametrize("data", [b"nul \0 here", b"x" * (files.MOST_BYTES + 1)])
def test_what_is_no_text_is_not_touched(conf: Path, data: bytes) -> None:
    conf.write_bytes(data)
    with pytest.raises(CalypsoError) as refusal:
        step()
    assert refusal.value.code == "file_not_text"


def test_a_folder_in_its_place_is_named(conf: Path) -> None:
    conf.unlink()
    conf.mkdir()
    with pytest.raises(CalypsoError) as refusal:
        step()
    assert refusal.value.code == "file_not_text"


def test_folders_are_listed(conf: Path) -> None:
    assert files.names("/etc/tool/") == [NAME] and files.names("/etc/none") == [] and files.names(NAME) == []
    assert files.exists(NAME) and not files.exists("/etc/none") and files.read("/etc/none/x") is None
