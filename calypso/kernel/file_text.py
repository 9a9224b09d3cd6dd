"""A configuration file as text: its bytes, its digest, and the lines in which two versions differ. Pure.

Bytes that are no UTF-8 are lone surrogates in the text, so that they come out as they went in.
"""

from __future__ import annotations

import difflib
import re
from hashlib import sha256

from calypso.kernel.redaction import MASK, redact

MOST_DIFF = 64 * 1024  # characters of a diff in a plan

#: Lines of netplan, NetworkManager, /etc/network/interfaces and the like; ``redact`` knows the general forms.
_SECRET_LINE = re.compile(
    r"((?<![A-Za-z0-9])(?:(?:psk|pre-shared-key|wep-key\d?|pass(?:word|phrase|wd)?|secret|private-key|auth-key|pin)"
    r"[\"']?\s*[:=]|(?:wpa-psk|wpa-password|wireless-key\d?|community)\s)\s*)\S.*",
    re.IGNORECASE,
)


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def digest(text: str | None) -> str:
    """SHA-256 of a file's bytes; "" for no file."""
    return "" if text is None else sha256(to_bytes(text)).hexdigest()


def diff(name: str, before: str | None, after: str) -> str:
    """A unified diff without the lines around: what does not change is nobody's business. Secrets are masked."""
    lines = difflib.unified_diff(
        _lines(before or ""), _lines(after), name if before is not None else "/dev/null", name, n=0, lineterm=""
    )
    text = redact("\n".join(_SECRET_LINE.sub(rf"\1{MASK}", line) for line in lines))
    return text if len(text) <= MOST_DIFF else f"{text[:MOST_DIFF]}\n…"


def _lines(text: str) -> list[str]:
    shown = to_bytes(text).decode("utf-8", "backslashreplace")
    return shown.split("\n")[:-1] if shown.endswith("\n") else shown.split("\n") if shown else []
