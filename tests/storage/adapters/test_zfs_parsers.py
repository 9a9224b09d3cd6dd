"""What zfs(8) lists, on its recordings and on any text."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.adapters.zfs import quotas, scan
from apps.storage.adapters.zfs.destroyed import WouldDestroy, parse_destroyed
from apps.storage.adapters.zfs.lists import parse_names
from apps.storage.domain.datasets import PropertyValue
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load


def got(number: str) -> dict[str, dict[str, tuple[str, str]]]:
    """A recorded `zfs get`: {dataset: {property: (value, source)}}."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in load("zfs", number).stdout.splitlines():
        name, prop, value, source = line.split("\t")
        found.setdefault(name, {})[prop] = (value, source)
    return found


def scanned(number: str, **more: str) -> scan.SeenDataset:
    """A dataset of a recorded `zfs get all`, as the two calls of a scan would print it."""
    [(name, values)] = got(number).items()
    told = {"name": name} | {prop: value for prop, (value, _) in values.items()} | more
    line = "\t".join(told.get(column, "-") for column in (*scan.COLUMNS, scan.CHANGED)) + "\n"
    own = "".join(
        f"{name}\t{prop}\t{value}\t{source}\n" for prop, (value, source) in values.items() if source == "local"
    )
    [seen] = scan.parse_scan(line, scan.parse_own(own))
    return seen


def local(value: str) -> PropertyValue:
    return PropertyValue(value=value, source="local")


def test_a_file_system() -> None:
    state, usage = scanned("016").state, scanned("016", snapshots_changed="1795412999").usage
    assert (state.name, state.type, state.mountpoint, state.mounted) == ("tank/fs1", "filesystem", "/tank/fs1", True)
    assert (state.guid, state.created_at, state.origin) == ("2016126915578887857", 1795412375, "")
    assert (state.encryption, state.encryption_root, state.key_status, state.key_format) == ("off", "", "", "")
    assert state.properties == {"quota": local("209715200"), "recordsize": local("16384"), "compression": local("zstd")}
    assert (usage.used, usage.available, usage.logical_used, usage.compress_ratio) == (98304, 209616896, 43008, 1.0)
    assert usage.snapshots_changed == 1795412999


def test_a_volume() -> None:
    seen = scanned("017")
    assert (seen.state.type, seen.state.volsize, seen.state.mountpoint) == ("volume", 67108864, "")
    assert seen.state.properties == {
        "volblocksize": PropertyValue(value="16384", source="none"),
        "refreservation": local("70254592"),
    }
    assert seen.usage.used_by_refreservation == 70197248


def test_what_was_chosen_at_creation_is_kept_where_it_is_not_the_default() -> None:
    seen = scanned("016", casesensitivity="insensitive", utf8only="on", normalization="formD")
    chosen = {name: p.value for name, p in seen.state.properties.items() if p.source == "none"}
    assert chosen == {"casesensitivity": "insensitive", "utf8only": "on", "normalization": "formD"}


def test_an_encrypted_one() -> None:
    told = {"encryption": "aes-256-gcm", "encryptionroot": "tank/a", "keystatus": "unavailable"}
    state = scanned("016", **told, keyformat="passphrase", keylocation="prompt").state
    assert (state.encryption, state.encryption_root, state.key_status) == ("aes-256-gcm", "tank/a", "unavailable")
    assert (state.key_format, state.key_location) == ("passphrase", "prompt")


def test_older_tools_tell_no_changes_of_snapshots() -> None:
    assert (
        scan.CHANGED in ",".join(scan.scan_argv("tank")) and scan.CHANGED not in scan.scan_argv("t", changed=False)[-3]
    )
    line = "\t".join(["tank", "filesystem", "1", "-", "5", *["-"] * (len(scan.COLUMNS) - 5)])
    [seen] = scan.parse_scan(line, {}, changed=False)
    assert seen.usage.snapshots_changed is None


def test_own_properties_are_those_of_the_recording() -> None:
    text = load("zfs", "018").stdout.replace("\t-\t", "\t")  # without the column `received`
    mine = "".join(f"{line}\n" for line in text.splitlines() if line.endswith(("\tlocal", "\treceived")))
    own = scan.parse_own(mine)
    assert own["tank/fs1"] == {"quota": local("209715200"), "compression": local("zstd")}
    assert own["tank"] == {"compression": local("lz4")} and "tank/vol1" not in own


def test_a_value_may_hold_tabs_and_line_breaks() -> None:
    own = scan.parse_own("tank\tx:note\tone\ttwo\nthree\tlocal\ntank/a\tquota\t1\treceived\n")
    assert own["tank"]["x:note"].value == "one\ttwo\nthree"
    assert own["tank/a"]["quota"] == PropertyValue(value="1", source="received")


def test_text_and_json_of_one_state_are_equal() -> None:
    told = json.loads(load("zfs", "019").stdout)["datasets"]["tank/fs1"]["properties"]
    for name, (value, source) in got("016")["tank/fs1"].items():
        if name not in ("available", "used", "referenced", "written", "logicalused", "logicalreferenced"):
            assert told[name]["value"] == value, name
            assert told[name]["source"]["type"] == (source.split(" ")[0].upper().replace("-", "NONE"))


def test_what_a_destruction_would_take() -> None:
    found = parse_destroyed(load("zfs", "057").stdout)
    assert found.names[0] == "tank/backups/daily/host-a@nightly-2026-01-01" and found.names[-1] == "tank/backups"
    assert (len(found.names), found.bytes) == (6, None)
    assert parse_destroyed(load("zfs", "058").stdout).names[2] == "tank/fs1@s2"
    assert parse_destroyed("destroy\ttank/a b@s\nreclaim\t4096\n") == WouldDestroy(("tank/a b@s",), 4096)


def test_names() -> None:
    lines = load("zfs", "013").stdout.splitlines()
    assert parse_names("".join(line.split("\t")[0] + "\n" for line in lines))[-2:] == ("tank/volsparse", "vault")


def test_what_users_use() -> None:
    text = "root\t1536\t0\t3\t0\nalice\t2048\t10737418240\t-\tnone\n"
    root, alice = quotas.parse_space(text, "user")
    assert (root.who, root.used, root.quota, root.objects_used, root.objects_quota) == ("root", 1536, None, 3, None)
    assert (alice.quota, alice.objects_used, alice.objects_quota) == (10737418240, None, None)


def test_who_has_a_limit_and_nothing_else() -> None:
    """As recorded in the guest of `make real`."""
    text = load("guest", "004").stdout.replace("POSIX Group\t", "")
    root, users = quotas.parse_space(text, "group")
    assert (root.who, root.used, root.quota, root.objects_used) == ("root", 512, None, 1)
    assert (users.who, users.used, users.quota, users.objects_used, users.objects_quota) == ("users", 0, None, 0, 500)


def parse_any_scan(text: str) -> object:
    return scan.parse_scan(text, {})


def parse_any_space(text: str) -> object:
    return quotas.parse_space(text, "group")


@pytest.mark.parametrize("parse", [parse_names, parse_destroyed, scan.parse_own, parse_any_scan, parse_any_space])
def test_any_text_is_a_value_or_garbage(parse: Callable[[str], object]) -> None:
    field = st.text(max_size=5) | st.sampled_from(
        ["filesystem", "volume", "-", "1", "1.5x", "9" * 30, "local", "destroy"]
    )
    line = st.lists(field, min_size=1, max_size=6).map("\t".join)
    long = st.lists(field, min_size=len(scan.COLUMNS) + 1, max_size=len(scan.COLUMNS) + 1).map("\t".join)

    @settings(max_examples=150, deadline=None)
    @given(st.text() | st.lists(line | long, max_size=3).map("\n".join))
    def check(text: str) -> None:
        try:
            parse(text)
        except ToolGarbage as error:
            assert error.message

    check()
