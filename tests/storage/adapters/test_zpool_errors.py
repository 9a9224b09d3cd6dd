"""Every recorded refusal of zpool(8) has a name, a telling line and a hint."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.adapters import zpool
from calypso.kernel.errors import ToolError
from tests.support.recordings import load, numbers

EXPECTED = {
    "033": "bad_property",
    "038": "pool_exists",
    "039": "disk_in_use",
    "040": "disk_in_use",
    "041": "disk_in_use",
    "042": "disk_in_use",
    "043": "no_such_device",
    "044": "reserved_name",
    "045": "bad_name",
    "047": "bad_property",
    "048": "bad_property",
    "049": "too_few_disks",
    "050": "too_few_disks",
    "051": "bad_usage",
    "052": "permission_denied",
    "054": "no_such_pool",
    "055": "no_such_pool",
    "056": "no_such_pool",
    "057": "no_such_pool",
    "058": "no_such_pool",
    "059": "no_such_pool",
    "060": "bad_property",
    "061": "permission_denied",
    "062": "bad_usage",
    "063": "disk_in_use",
    "067": "same_disk_twice",
    "068": "disk_in_use",
    "071": "disk_has_data",
    "074": "disk_in_exported_pool",
    "075": "mixed_replication",
    "079": "pool_read_only",
    "082": "no_such_pool",
    "084": "pool_exists",
    "095": "no_replicas",
    "096": "no_such_device",
    "107": "already_scrubbing",
    "113": "not_scrubbing",
    "131": "pool_busy",
    "140": "device_is_spare",
    "142": "device_too_small",
    "143": "no_such_device",
    "144": "disk_in_use",
    "149": "disk_in_use",
    "157": "not_detachable",
    "160": "out_of_space",
    "166": "checkpoint_exists",
    "189": "pool_damaged",
    "197": "missing_devices",
    "201": "pool_foreign",
    "206": "tool_timeout",
    "207": "device_io_error",
    "208": "pool_suspended",
    "215": "pool_busy",
}
FAILED = [n for n in numbers("zpool") if load("zpool", n).exit_code != 0]


def error_of(number: str, tool: str = "zpool") -> ToolError:
    recording = load(tool, number)
    return zpool.error_from(recording.argv, recording.exit_code, recording.stdout, recording.stderr)


def test_every_recorded_failure_is_expected_here() -> None:
    assert sorted(EXPECTED) == FAILED


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_recorded_failures(number: str) -> None:
    error = error_of(number)
    assert error.code == EXPECTED[number]
    assert error.message and "\n" not in error.message
    assert load("zpool", number).stderr.strip() in error.detail
    assert error.hint


def test_the_message_is_the_telling_line() -> None:
    assert error_of("038").message == "cannot create 'tank': pool already exists"
    assert error_of("071").message == "/dev/disk/by-id/wwn-0x5000c50000000007 contains a filesystem of type 'ext4'"
    assert error_of("208").message == "zpool export failed with exit code 1 and said nothing"


# What was not recorded, as libzfs_util.c and zpool_main.c word it.
WORDINGS = {
    "cannot attach x to raidz2-0: raidz_expansion feature must be enabled in order to attach": "feature_disabled",
    "cannot attach x to y: can only attach to mirrors and top-level disks": "not_attachable",
    "cannot attach x to y: raidz expansion in progress": "expansion_running",
    "cannot replace x with y: already in replacing/spare config; wait for completion": "already_replacing",
    "cannot attach y to x: new device has a different optimal sector size; use '-o ashift=N'": "sector_size_differs",
    "cannot remove raidz1-0: invalid config; all top-level vdevs must have the same sector size and not be raidz.":
        "not_removable",
    "cannot remove mirror-1: operation not supported on this type of pool": "not_removable",
    "cannot remove mirror-1: Pool busy; removal may already be in progress": "removal_running",
    "cannot cancel removal: there is no active removal": "not_removing",
    "cannot discard checkpoint in 'tank': checkpoint does not exist": "no_checkpoint",
    "cannot checkpoint 'tank': currently discarding checkpoint": "checkpoint_exists",
    "cannot checkpoint 'tank': device removal in progress": "removal_running",
    "cannot trim: no devices in pool support trim operations": "trim_unsupported",
    "cannot trim 'sdb': currently trimming": "activity_running",
    "cannot initialize 'sdb': there is no active initialization": "no_activity",
    "cannot import 'tank': unsupported version or feature\nThis pool uses the following feature(s)":
        "unsupported_features",
    "cannot import 'tank': pool is imported on host 'b' (hostid=1).": "pool_foreign",
    "cannot export 'tank': pool has active shared spares": "spares_shared",
    "cannot import 'tank': a pool with that name is already created/imported,": "pool_exists",
    "invalid number of dRAID spares 4; additional disks would be required": "too_few_disks",
}  # fmt: skip


@pytest.mark.parametrize("words", WORDINGS)
def test_wordings_of_the_source(words: str) -> None:
    error = zpool.error_from(["zpool"], 1, "", words + "\n")
    assert error.code == WORDINGS[words] and error.hint


def test_a_suspended_pool() -> None:
    assert error_of("144", "zfs").code == error_of("145", "zfs").code == "pool_suspended"


def test_codes_are_unique() -> None:
    kinds = [kind for name in zpool.__all__ if isinstance(kind := getattr(zpool, name), type)]
    codes = [kind.code for kind in kinds if issubclass(kind, ToolError)]
    assert len(codes) == len(set(codes)) == 45


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text()), st.none() | st.integers(), st.text(), st.text())
def test_any_words_give_an_error(argv: list[str], exit_code: int | None, stdout: str, stderr: str) -> None:
    error = zpool.error_from(argv, exit_code, stdout, stderr)
    assert isinstance(error, ToolError) and error.message
