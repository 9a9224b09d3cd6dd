"""The ledger's mathematics: leaf and node hashes and the compact range of RFC 9162 §2.1. Pure: no database, no Django.

``ledger.append`` in the database computes the same hashes; tests hold the two to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import pack
from uuid import UUID

ENTRY_FORMAT = b"calypso-event-v1"
KEY_SEPARATOR = "\x1f"
EMPTY_ROOT = sha256(b"").digest()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One event as it is hashed: every column of ``ledger.event`` but the hash itself, in column order."""

    position: int
    event_id: UUID
    stream: UUID
    version: int
    type: str
    kind: str
    recorded_at: datetime
    actor: str
    auth: str
    source: str
    reason: str
    operation_id: UUID | None
    correlation_id: UUID | None
    causation_id: UUID | None
    keys: Sequence[str]
    state: bytes


def _uuid(value: UUID | None) -> bytes:
    return _field(None if value is None else value.bytes)


def _field(value: bytes | None) -> bytes:
    """A 4-byte big-endian length and the bytes; length -1 for NULL, so that no two rows encode alike."""
    return pack(">i", -1) if value is None else pack(">i", len(value)) + value


def encode(entry: Entry) -> bytes:
    """Returns the bytes whose leaf hash stands in the tree.

    Raises ValueError for keys that no append writes, because they would encode like other keys.
    """
    if any(not key or KEY_SEPARATOR in key for key in entry.keys):
        raise ValueError(f"an empty key, or one with U+001F, at position {entry.position}")
    return b"".join(
        [
            ENTRY_FORMAT,
            pack(">q", entry.position),
            entry.event_id.bytes,
            entry.stream.bytes,
            pack(">q", entry.version),
            _field(entry.type.encode()),
            _field(entry.kind.encode()),
            pack(">q", (entry.recorded_at - _EPOCH) // timedelta(microseconds=1)),
            _field(entry.actor.encode()),
            _field(entry.auth.encode()),
            _field(entry.source.encode()),
            _field(entry.reason.encode()),
            _uuid(entry.operation_id),
            _uuid(entry.correlation_id),
            _uuid(entry.causation_id),
            _field(KEY_SEPARATOR.join(entry.keys).encode()),
            _field(entry.state),
        ]
    )


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162 §2.1.1: SHA-256 of 0x00 and the entry."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 §2.1.1: SHA-256 of 0x01 and the two children."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class CompactRange:
    """The roots of the perfect subtrees that cover ``size`` leaves, largest first: all that an append needs."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> CompactRange:
        """Returns the range with one more leaf hash."""
        peaks, remaining = [*self.peaks, leaf], self.size
        while remaining & 1:
            right, left = peaks.pop(), peaks.pop()
            peaks.append(node_hash(left, right))
            remaining >>= 1
        return CompactRange(self.size + 1, tuple(peaks))

    def extend(self, leaves: Iterable[bytes]) -> CompactRange:
        """Returns the range with all the given leaf hashes after its own."""
        result = self
        for leaf in leaves:
            result = result.append(leaf)
        return result

    def root(self) -> bytes:
        """The Merkle tree hash of RFC 9162 §2.1.1 over all leaves."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root
