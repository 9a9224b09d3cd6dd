"""The ledger's hashes: the database's equal the pure ones, and both an independent RFC 9162 tree."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from calypso.kernel import store
from calypso.kernel.events import Kind, Metadata
from calypso.kernel.ledger import EMPTY_ROOT, CompactRange, Entry, encode, leaf_hash, node_hash

COLUMNS = [field.name for field in fields(Entry)]


def entries() -> list[tuple[Entry, bytes]]:
    """Every row of the ledger with the leaf hash that the database computed."""
    rows = store.query(f"SELECT {', '.join(COLUMNS)}, leaf FROM ledger.event ORDER BY position")
    return [(Entry(*(bytes(v) if isinstance(v, memoryview) else v for v in row[:-1])), bytes(row[-1])) for row in rows]


def append(*envelopes: store.Envelope, metadata: Metadata | None = None) -> None:
    with store.writing():
        store.recorder.insert_events(envelopes, metadata=metadata or Metadata())


def envelope(**values: object) -> store.Envelope:
    given = {"originator_id": uuid4(), "originator_version": None, "topic": "a.B.v1", "state": b"{}"}
    return store.Envelope(**(given | values))


def check_tree() -> None:
    """Each stored leaf and the stored head are those of the pure functions over the stored columns."""
    stored = entries()
    for entry, leaf in stored:
        assert leaf == leaf_hash(encode(entry)), entry
    expected = CompactRange().extend(leaf for _, leaf in stored)
    assert store.head() == expected
    assert store.head().root() == expected.root()


WORDS = ["", "é", "a\tb\nc", "…" * 300, "\\x00", "'; DROP TABLE ledger.event; --", "\U0001f4be\u202e", " "]
IDS = [None, UUID(int=0), UUID(int=2**128 - 1)]


@pytest.mark.django_db
def test_every_column_varied_gives_the_pure_functions_hash() -> None:
    usual = Metadata()
    varied = [replace(usual, **{name: word}) for name in ("actor", "auth", "source", "reason") for word in WORDS]
    varied += [
        replace(usual, **{name: id_})
        for name in ("operation_id", "correlation_id", "causation_id")
        for id_ in (*IDS, uuid4())
    ]
    for metadata in varied:
        append(envelope(), metadata=metadata)
    append(*[envelope(topic=word) for word in WORDS])
    append(*[envelope(kind=kind) for kind in Kind])
    append(*[envelope(originator_version=version) for version in (0, 1, 2**40, 2**63 - 1)])
    append(*[envelope(originator_id=id_) for id_ in IDS[1:]], *[envelope(event_id=id_) for id_ in IDS[1:]])
    append(*[envelope(state=state) for state in (b"", b"\x00", b"\x1f\xff", bytes(range(256)) * 100)])
    append(*[envelope(keys=keys) for keys in ((), ("a",), ("a", "b"), ("a.b", "ü", "x y"), ("k" * 5000,) * 20)])
    check_tree()
    assert len(entries()) == len(varied) + len(WORDS) + 4 + 4 + 4 + 4 + 5


@pytest.mark.django_db
def test_2500_events_are_appended_at_once() -> None:
    before = store.position()
    stream = uuid4()
    append(*[envelope(originator_id=stream, state=str(n).encode()) for n in range(2500)])
    rows = store.query(
        "SELECT position, version, state FROM ledger.event WHERE stream = %s ORDER BY position", [stream]
    )
    assert [(p, v, bytes(s)) for p, v, s in rows] == [(before + n + 1, n + 1, b"%d" % n) for n in range(2500)]
    check_tree()


@pytest.mark.django_db
def test_the_root_equals_pymerkles_at_every_size_up_to_300() -> None:
    assert store.position() == 0
    assert store.head().root() == EMPTY_ROOT == InmemoryTree(algorithm="sha256").get_root(0)
    tree, roots = InmemoryTree(algorithm="sha256"), []
    for size in range(1, 301):
        append(envelope(state=b"%d" % size))
        roots.append(store.head().root())
    for (entry, _), root in zip(entries(), roots, strict=True):
        tree.append_entry(encode(entry))
        assert root == tree.get_root(), entry.position


@pytest.mark.django_db
def test_the_root_equals_pymerkles_however_appends_are_batched() -> None:
    tree, read = InmemoryTree(algorithm="sha256"), store.position()
    assert read == 0
    for count in (1, 2, 3, 5, 8, 13, 64, 1, 127, 32):
        append(*[envelope() for _ in range(count)])
        for entry, _ in entries()[read:]:
            tree.append_entry(encode(entry))
        read += count
        assert (store.position(), store.head().root()) == (read, tree.get_root())


def test_the_pure_root_equals_pymerkles_at_every_size_up_to_300() -> None:
    tree, pure = InmemoryTree(algorithm="sha256"), CompactRange()
    for size in range(1, 301):
        tree.append_entry(b"%d" % size)
        pure = pure.append(leaf_hash(b"%d" % size))
        assert pure.root() == tree.get_root()


# --- properties ---

leaves = st.lists(st.binary(min_size=32, max_size=32), max_size=80)


def recursive_root(hashes: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1 word for word: split at the largest power of two smaller than n."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(recursive_root(hashes[:k]), recursive_root(hashes[k:]))


@given(leaves)
def test_the_root_is_that_of_the_rfcs_recursion(hashes: list[bytes]) -> None:
    assert CompactRange().extend(hashes).root() == recursive_root(hashes)


@given(leaves)
def test_there_is_one_peak_for_each_bit_of_the_size(hashes: list[bytes]) -> None:
    tree = CompactRange().extend(hashes)
    assert tree.size == len(hashes)
    assert len(tree.peaks) == len(hashes).bit_count()
    start = 0
    for peak, bit in zip(tree.peaks, [b for b in range(8, -1, -1) if len(hashes) >> b & 1], strict=True):
        assert peak == recursive_root(hashes[start : start + (1 << bit)])
        start += 1 << bit


@given(leaves, leaves)
def test_an_extension_goes_on_where_the_range_was(first: list[bytes], second: list[bytes]) -> None:
    assert CompactRange().extend(first).extend(second) == CompactRange().extend([*first, *second])


@given(leaves.filter(bool), st.data())
def test_a_changed_swapped_or_missing_leaf_changes_the_root(hashes: list[bytes], data: st.DataObject) -> None:
    root = CompactRange().extend(hashes).root()
    at = data.draw(st.integers(0, len(hashes) - 1))
    changed = [*hashes[:at], bytes([hashes[at][0] ^ 1]) + hashes[at][1:], *hashes[at + 1 :]]
    assert CompactRange().extend(changed).root() != root
    assert CompactRange().extend(hashes[:at] + hashes[at + 1 :]).root() != root
    turned = hashes[::-1]
    assert turned == hashes or CompactRange().extend(turned).root() != root


# --- the encoding tells all rows apart ---

texts = st.text(max_size=8)
ids = st.none() | st.uuids()
keys = st.lists(st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), min_size=1, max_size=6), max_size=3)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
some = st.builds(
    Entry,
    position=st.integers(1, 2**63 - 1),
    event_id=st.uuids(),
    stream=st.uuids(),
    version=st.integers(0, 2**63 - 1),
    type=texts,
    kind=texts,
    recorded_at=moments,
    actor=texts,
    auth=texts,
    source=texts,
    reason=texts,
    operation_id=ids,
    correlation_id=ids,
    causation_id=ids,
    keys=keys.map(tuple),
    state=st.binary(max_size=16),
)


@given(some, some, st.sets(st.sampled_from(COLUMNS)))
def test_entries_that_differ_in_any_columns_differ_in_their_bytes(one: Entry, other: Entry, taken: set[str]) -> None:
    mixed = replace(one, **{name: getattr(other, name) for name in taken})
    assert (encode(mixed) == encode(one)) == (mixed == one)


@cache
def plain() -> Entry:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry(
        1, UUID(int=1), UUID(int=2), 1, "a.B.v1", "operation", moment, "", "", "", "", None, None, None, (), b""
    )


@pytest.mark.parametrize("keys", [("",), ("a", ""), ("a\x1fb",), ("\x1f",)])
def test_keys_that_would_look_like_others_are_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="position 1"):
        encode(replace(plain(), keys=keys))


def test_the_encoding_never_changes() -> None:
    """A change here would orphan every ledger ever written."""
    moment = datetime(2026, 11, 23, 5, 33, 30, 123456, tzinfo=UTC)
    ids = [UUID(int=n) for n in range(5)]
    entry = Entry(7, ids[0], ids[1], 3, "storage.PoolCreated.v1", "configuration", moment, "user:é", "session",
                  "::1", "why", ids[2], None, ids[4], ("storage.pool.tank", "b"), b'{"a":1}')  # fmt: skip
    assert sha256(encode(entry)).hexdigest() == ("ff77c777ce4ac659514f70e96dc19e02c2d44638d136aed584ac0147e088bc48")
