"""All recordings of zpool(8), without exception: each failing one has a name, each listing one gives a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.adapters import zpool
from apps.storage.adapters.zpool.iostat import iostat_argv
from calypso.kernel.errors import ToolError, ToolGarbage
from tests.support.recordings import Recording, load, numbers

ALL = numbers("zpool")
READS = ("status", "import", "get", "version", "list")
OTHERS = {  # verbs that list, in forms that Calypso never asks for: it reads the same from `status` and `list -o`
    "list": "other columns, or the tree without depth",
    "status": "-x says a sentence where all is well; -s has a further column",
    "iostat": "tests/storage/adapters/test_iostat.py",
    "events": "an event only triggers a scan",
    "history": "the ledger is the history",
    "upgrade": "status tells that there is something to upgrade",
}


def reader(recording: Recording) -> Callable[[str], Any] | None:
    """The parser of what was asked for; None for what Calypso does not ask."""
    words = recording.argv[1:]
    if words[0] == "status" and not {"-x", "-s"} & set(words):
        return zpool.parse_status_json if "-j" in words else zpool.parse_status_text
    if words[0] == "import" and not [word for word in words[1:] if not word.startswith(("-", "/"))]:
        return zpool.parse_importable
    if words[0] == "get" and "-Hp" in words and "-j" not in words:
        return zpool.parse_get
    if words[0] == "version" and "-j" not in words:
        return zpool.parse_version
    return None


@pytest.mark.parametrize("number", [n for n in ALL if load("zpool", n).exit_code != 0])
def test_a_failing_one_is_a_named_error_with_a_hint(number: str) -> None:
    recording = load("zpool", number)
    error = zpool.error_from(recording.argv, recording.exit_code, recording.stdout, recording.stderr)
    assert type(error) is not ToolError and error.code != ToolError.code
    assert error.message and "\n" not in error.message and error.hint


READABLE = [n for n in ALL if load("zpool", n).exit_code == 0 and reader(load("zpool", n))]


@pytest.mark.parametrize("number", READABLE)
def test_a_listing_one_is_a_value(number: str) -> None:
    recording = load("zpool", number)
    read = reader(recording)
    assert read is not None
    value = read(recording.stdout)
    assert value or "no pools" in recording.stdout + recording.stderr or recording.stdout.endswith('"pools":{}}\n')


def test_what_is_read_by_nothing_here_is_known_and_why() -> None:
    silent = [n for n in ALL if load("zpool", n).stdout and load("zpool", n).exit_code == 0 and n not in READABLE]
    verbs = {load("zpool", n).argv[1] for n in silent} - {"-c"}
    assert verbs - {"create", "get", "version"} <= set(OTHERS)
    assert len(READABLE) > 60 and iostat_argv


def parsed(number: str) -> tuple[zpool.Importable, ...]:
    return zpool.parse_importable(load("zpool", number).stdout)


def test_pools_that_can_be_imported() -> None:
    [other] = parsed("076")
    assert (other.name, other.guid, other.state, other.usable) == ("other", "17474638220692185156", "ONLINE", True)
    assert other.groups == (("data", (zpool.Vdev("wwn-0x5000c50000000007", "disk", "ONLINE"),)),)
    assert parsed("077") == (other,)
    assert not other.foreign and not other.missing_log and not other.destroyed
    assert parsed("007") == ()


def test_a_destroyed_pool_a_foreign_one_and_broken_ones() -> None:
    [destroyed], [foreign], [degraded], [unavailable], [logged] = (
        parsed(n) for n in ("086", "200", "187", "188", "196")
    )
    assert (destroyed.name, destroyed.state, destroyed.destroyed) == ("renamed", "ONLINE", True)
    assert foreign.foreign and foreign.usable
    assert (degraded.state, degraded.usable, degraded.foreign) == ("DEGRADED", True, False)
    raidz = dict(degraded.groups)["data"][0]
    assert (raidz.type, [child.state for child in raidz.children]) == ("raidz1", ["UNAVAIL", "ONLINE", "ONLINE"])
    assert (unavailable.state, unavailable.usable) == ("UNAVAIL", False)
    assert dict(unavailable.groups)["data"][0].note == "insufficient replicas"
    assert logged.missing_log and not degraded.missing_log
    assert dict(logged.groups)["log"] == (zpool.Vdev("nvme0n1", "disk", "UNAVAIL"),)


def test_what_was_not_recorded_of_pools_to_import() -> None:
    """print_import_config() shows caches and spares without a state. Before 2.3 the words stand one further in."""
    text = (
        "   pool: a b\n     id: 7\n  state: UNAVAIL\ncomment: old\nconfig:\n\n"
        "\ta b            UNAVAIL  missing device\n\t  wwn-1        ONLINE\n\tcache\n\t  wwn-2\n\tspares\n\t  wwn-3\n\n"
        "\tAdditional devices are known to be part of this pool, though their\n"
        "\texact configuration cannot be determined.\n\n"
        "   pool: c\n     id: 8\n  state: ONLINE\nconfig:\n\n\tc  ONLINE\n"
    )
    first, second = zpool.parse_importable(text)
    assert [(role, vdevs[0].name, vdevs[0].state) for role, vdevs in first.groups] == [
        ("data", "wwn-1", "ONLINE"),
        ("cache", "wwn-2", ""),
        ("spare", "wwn-3", ""),
    ]
    assert (second.guid, second.groups) == ("8", ())


def test_properties() -> None:
    found = {prop.name: prop for prop in zpool.parse_get(load("zpool", "030").stdout)}
    assert found["ashift"] == zpool.Property("vault", "ashift", "12", "local")
    assert found["comment"].value == ""
    assert {prop.owner for prop in zpool.parse_get(load("zpool", "032").stdout)} == {"wwn-0x5000c50000000001"}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_text_is_a_value_or_garbage(data: st.DataObject) -> None:
    """Recorded output with one piece cut out and another put in, or any text at all."""
    text = load("zpool", data.draw(st.sampled_from(["076", "086", "187", "188", "196", "200", "030"]))).stdout
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    text = data.draw(st.text() | st.just(text[:start] + data.draw(st.text(max_size=5)) + text[end:]))
    for parse in (zpool.parse_importable, zpool.parse_get):
        try:
            assert isinstance(parse(text), tuple)
        except ToolGarbage as error:
            assert error.message
