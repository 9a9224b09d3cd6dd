"""Wished names and values: refused before ZFS is asked, or written as ZFS prints them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.domain.dataset_names import check_dataset_name
from apps.storage.domain.datasets import DatasetType
from apps.storage.domain.inheritance import Effective, effective
from apps.storage.domain.properties import BY_NAME, ELSEWHERE, READ_ONLY, TABLE
from apps.storage.domain.property_values import dangers, normalised, parse_size
from calypso.kernel.errors import CalypsoError, Invalid
from tests.support.recordings import load


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("4096", 4096), ("1K", 1024), ("1.5T", 1649267441664), ("10 GiB", 10 * 1024**3), ("2gb", 2 * 1024**3),
     ("0.5M", 524288), ("7EiB", 7 * 1024**6)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text, "f") == size


@pytest.mark.parametrize("text", ["", "x", "-1", "1e3", "1 0", "1,5G", "8E", "99999999999999999999", "∞", "٣", "1\n2"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_size(text, "here")
    assert refused.value.field == "here"


@pytest.mark.parametrize(
    ("name", "value", "is_"),
    [("quota", "none", "0"), ("quota", "1.5T", "1649267441664"), ("reservation", "0", "0"),
     ("recordsize", "1M", "1048576"),
         ("filesystem_limit", "010", "10"), ("filesystem_limit", "none", "none"), ("mountpoint", "//srv//a/", "/srv/a"),
     ("mountpoint", "legacy", "legacy"), ("mountpoint", "/", "/"), ("compression", "zstd-fast-1000", "zstd-fast-1000"),
     ("atime", " off ", "off"), ("special_small_blocks", "0", "0"), ("site:owner", "Ann & Bea", "Ann & Bea"),
     ("dedup", "sha256,verify", "sha256,verify"), ("a.b:c-d_e", "", "")],
)  # fmt: skip
def test_values_as_zfs_prints_them(name: str, value: str, is_: str) -> None:
    assert normalised({name: value}, "filesystem", creating=False) == {name: is_}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("compression", "brotli", "bad_value"), ("atime", "yes", "bad_value"), ("recordsize", "3K", "bad_value"),
     ("recordsize", "32M", "bad_value"), ("recordsize", "256", "bad_value"), ("quota", "much", "bad_size"),
     ("mountpoint", "srv", "bad_value"), ("mountpoint", "/a/../b", "bad_value"), ("mountpoint", "/a\nb", "bad_value"),
     ("copies", "4", "bad_value"), ("filesystem_limit", "-1", "bad_value"), ("used", "1", "read_only_property"),
     ("nonsense", "1", "unknown_property"), ("Site:owner", "x", "unknown_property"), ("-o:x", "x", "unknown_property"),
     ("a=b:c", "x", "unknown_property"), ("encryption", "on", "set_elsewhere"), ("sharenfs", "on", "set_elsewhere"),
     ("volsize", "1G", "property_not_for_type"), ("utf8only", "on", "fixed_at_creation"),
     ("site:x", "a\x7f", "bad_value"),
         ("site:x", "x" * 8192, "bad_value"), ("userquota@ann", "1", "unknown_property")],
)  # fmt: skip
def test_values_that_are_refused(name: str, value: str, code: str) -> None:
    with pytest.raises(CalypsoError) as refused:
        normalised({name: value}, "filesystem", creating=False)
    assert (refused.value.code, refused.value.field) in [(code, f"properties.{name}")]


def test_the_table_agrees_with_itself_and_with_what_zfs_says() -> None:
    told = load("zfs", "101").stderr
    for prop in TABLE:
        assert prop.name not in ELSEWHERE and prop.name not in READ_ONLY
        assert set(prop.risky) <= set(prop.values) and bool(prop.danger) >= bool(prop.risky)
        if prop.type in ("enum", "bool"):
            assert prop.default in prop.values, prop.name
    for value in (
        "on",
        "off",
        "lzjb",
        "gzip",
        "gzip-9",
        "zle",
        "lz4",
        "zstd",
        "zstd-19",
        "zstd-fast",
        "zstd-fast-1000",
    ):
        assert value in BY_NAME["compression"].values and value.split("-")[0] in told
    shown = {number: {line.split("\t")[1]: line.split("\t")[2:] for line in load("zfs", number).stdout.splitlines()}
             for number in ("016", "017")}  # fmt: skip
    kinds: dict[str, DatasetType] = {"016": "filesystem", "017": "volume"}
    for number, kind in kinds.items():
        mine = {prop.name for prop in TABLE if kind in prop.types}
        assert mine <= set(shown[number]), "each property of the table is one of that type"
        for name in mine:
            value, source = shown[number][name]
            if source == "default" and BY_NAME[name].default:
                assert value == BY_NAME[name].default, name


def test_dangers_are_told_of_the_risky_values_only() -> None:
    assert dangers({"sync": "standard", "dedup": "off", "quota": "1", "x:y": "z"}) == ()
    [told] = dangers({"sync": "disabled"})
    assert told.startswith("sync=disabled: ") and "power failure" in told


@pytest.mark.parametrize("name", ["tank/a", "tank/a b/c.d-e_f:g", "tank/-a", "t/" + "x" * 253])
def test_names(name: str) -> None:
    check_dataset_name(name)


@pytest.mark.parametrize(
    "name", ["", "tank", "tank/", "/tank", "tank//a", "tank/a@b", "tank/a#b", "tank/ä", "tank/..", "tank/.", "tank/a ",
             "tank/ a", "-t/a", "1/a", "tank/a%b", "tank/a\nb", "tank/" + "x" * 251, "a/" * 50 + "a"],
)  # fmt: skip
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_dataset_name(name)
    assert (refused.value.code, refused.value.field) == ("bad_name", "name")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*BY_NAME, "x:y"]) | st.text(max_size=20),
    st.text(max_size=20),
    st.sampled_from(["filesystem", "volume"]),
)
def test_any_wish_is_a_value_or_a_named_error(name: str, value: str, kind: DatasetType) -> None:
    try:
        once = normalised({name: value}, kind, creating=True)
    except Invalid as error:
        assert error.field and error.message
    else:
        assert normalised(once, kind, creating=True) == once
        assert not any(ord(letter) < 32 for letter in once[name])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_name_is_good_or_a_named_error(name: str) -> None:
    try:
        check_dataset_name(name)
    except Invalid as error:
        assert error.code == "bad_name"
    else:
        assert not name.startswith("-") and name.isascii() and name.isprintable()


def test_what_is_inherited_comes_from_the_nearest() -> None:
    own = {"quota": {"value": "1", "source": "local"}}
    above = [
        ("tank/a/b", {"compression": {"value": "zstd", "source": "local"}, "quota": {"value": "9", "source": "local"}}),
        ("tank/a", {"mountpoint": {"value": "/srv/a", "source": "received"}, "x:y": {"value": "z", "source": "local"}}),
        ("tank", {"compression": {"value": "lz4", "source": "local"}, "utf8only": {"value": "on", "source": "none"}}),
    ]
    found = effective("tank/a/b/c", "filesystem", own, above)
    assert found["quota"] == Effective("1", "local")
    assert found["refquota"] == Effective("0", "default")
    assert found["compression"] == Effective("zstd", "inherited", "tank/a/b")
    assert found["mountpoint"] == Effective("/srv/a/b/c", "inherited", "tank/a")
    assert found["x:y"] == Effective("z", "inherited", "tank/a")
    assert found["utf8only"] == Effective("off", "default"), "what was chosen at creation is the dataset's own"
    assert "volblocksize" not in found and "quota" not in effective("tank/v", "volume", {}, [])
    assert effective("tank/a/x", "filesystem", {}, [("tank/a", {"mountpoint": {"value": "none", "source": "local"}})])[
        "mountpoint"
    ] == Effective("none", "inherited", "tank/a")
