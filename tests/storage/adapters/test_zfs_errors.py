"""Every recorded refusal of zfs(8) has a name, a telling line and a hint."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.adapters.zfs.errors import error_from, in_the_way
from calypso.kernel.errors import ToolError
from tests.support.recordings import load, numbers

EXPECTED = {
    "010": "passphrase_too_short",
    "011": "key_missing",
    "012": "key_format_missing",
    "021": "key_in_use",
    "024": "key_unavailable",
    "025": "wrong_key",
    "027": "key_already_loaded",
    "029": "already_mounted",
    "031": "parent_not_encrypted",
    "035": "dataset_exists",
    "036": "bad_name",
    "037": "no_such_dataset",
    "038": "bad_usage",
    "042": "newer_snapshots",
    "045": "bookmark_exists",
    "048": "dataset_exists",
    "049": "no_such_dataset",
    "050": "different_pools",
    "052": "clones_in_the_way",
    "053": "has_clones",
    "054": "has_children",
    "055": "has_children",
    "056": "has_clones",
    "058": "has_clones",
    "060": "not_a_clone",
    "065": "dataset_exists",
    "066": "different_pools",
    "067": "no_parent",
    "070": "hold_exists",
    "074": "snapshot_held",
    "077": "no_such_hold",
    "082": "stream_to_terminal",
    "090": "not_a_stream",
    "096": "not_an_earlier_snapshot",
    "097": "no_such_dataset",
    "100": "below_used",
    "101": "bad_value",
    "102": "unknown_property",
    "103": "read_only_property",
    "104": "property_not_for_type",
    "107": "bad_value",
    "109": "no_such_dataset",
    "110": "dataset_exists",
    "111": "no_parent",
    "112": "no_such_pool",
    "113": "bad_name",
    "114": "bad_name",
    "115": "bad_name",
    "116": "bad_name",
    "117": "out_of_space",
    "119": "bad_value",
    "120": "permission_denied",
    "121": "permission_denied",
    "122": "has_children",
    "124": "no_such_dataset",
    "125": "no_such_dataset",
    "126": "no_such_dataset",
    "127": "no_such_dataset",
    "128": "no_such_snapshot",
    "129": "is_pool",
    "133": "out_of_space",
    "134": "out_of_space",
    "138": "dataset_busy",
    "139": "dataset_busy",
    "141": "dataset_busy",
    "144": "pool_suspended",
    "145": "pool_suspended",
    "146": "dataset_busy",
}
FAILED = [n for n in numbers("zfs") if load("zfs", n).exit_code and load("zfs", n).argv[0] == "zfs"]


def error_of(number: str) -> ToolError:
    recording = load("zfs", number)
    return error_from(recording.argv, recording.exit_code, recording.stdout, recording.stderr)


def test_every_recorded_failure_is_expected_here() -> None:
    assert sorted(EXPECTED) == FAILED


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_recorded_failures(number: str) -> None:
    error = error_of(number)
    assert error.code == EXPECTED[number]
    assert error.message and "\n" not in error.message
    assert load("zfs", number).stderr.strip() in error.detail
    assert error.hint


def test_what_is_in_the_way_is_named() -> None:
    assert error_of("042").extra["names"] == ["tank/fs1@multi", "tank/fs1@s2", "tank/fs1@s3"]
    assert error_of("052").extra["names"] == error_of("053").extra["names"] == ["tank/clone1"]
    assert error_of("054").extra["names"][-1] == "tank/backups@nightly-2026-01-01"
    assert error_of("058").extra["names"] == ["tank/clone1"]
    assert error_of("129").extra["names"] == error_of("110").extra["names"] == []


def test_words_that_are_not_known_are_handed_on() -> None:
    error = error_from(["zfs", "create", "x"], 1, "", "internal error: out of cheese\n")
    assert (error.code, error.message) == ("tool_failed", "internal error: out of cheese")
    assert "said nothing" in error_from(["zfs", "mount", "x"], 1, "", "").message
    assert error_from(["zfs", "mount", "x"], None, "", "").message == "zfs mount was ended"


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_any_words_give_an_error(stdout: str, stderr: str) -> None:
    error = error_from(["zfs"], 1, stdout, stderr)
    assert isinstance(error, ToolError) and error.message
    assert all(name for name in in_the_way(stderr))
