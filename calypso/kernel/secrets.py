"""Secrets by reference: ``secret://<id>`` in commands, plans and events, the value in an encrypted file of its own.

The web process puts a secret here before there is a command, so that no event, log, digest or error ever has it; the
worker takes it out at the moment of the call. One-time secrets (what somebody typed) go when their operation ended;
kept ones (keys that Calypso made) stay until what they are for is gone. Files: AES-256-GCM, mode 0600.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets as randomness
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from pydantic import StringConstraints

from calypso.kernel import box
from calypso.kernel.errors import CalypsoError, Conflict, Unavailable
from calypso.kernel.models import Operation
from calypso.kernel.redaction import masking

PATTERN = r"secret://[0-9a-f]{32}"
SecretRef = Annotated[str, StringConstraints(pattern=f"^{PATTERN}$")]
_REFERENCE = re.compile(PATTERN)
_ONCE = ".once"
_NONCE_BYTES = 12
ORPHANED_SECONDS = 3600.0  # a one-time secret so old that no unfinished operation names was left by a crash


def reference(*parts: str) -> str:
    """A new reference; for the same ``parts`` (a repeated request, say) the same one."""
    return f"secret://{_keyed('reference', *parts)[:32] if parts else randomness.token_hex(16)}"


def fingerprint(value: str) -> str:
    """Tells whether two secrets are equal to whoever has the key, and nothing to others."""
    return f"hmac-sha256:{_keyed('fingerprint', value)}"


def fingerprint_of(ref: str) -> str:
    """The fingerprint of a kept secret; in a dry run, which keeps none, something in its place."""
    return fingerprint(get(ref) if is_kept(ref) else ref)


def put(ref: str, value: str, *, once: bool) -> bool:
    """Stores a secret unless its reference has one already. Returns whether it did."""
    if _find(ref) is not None:
        return False
    path = _folder() / (_name(ref) + (_ONCE if once else ""))
    nonce = os.urandom(_NONCE_BYTES)
    draft = path.with_name(f".{path.name}.{randomness.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(nonce + _cipher().encrypt(nonce, value.encode(), _name(ref).encode()))
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(path)
    return True


def get(ref: str) -> str:
    """Raises Conflict when it is gone, Unavailable when it can't be read with this appliance's key."""
    path = _find(ref)
    if path is None:
        raise Conflict(
            "The secret that this takes is no longer kept.", code="secret_gone", hint="Ask anew, and give it again."
        )
    data = path.read_bytes()
    try:
        return _cipher().decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _name(ref).encode()).decode()
    except InvalidTag as error:
        raise Unavailable(
            "A kept secret can't be read: it was written with another key.",
            code="secret_unreadable",
            hint="Restore secrets.env and the folder vault from the same backup.",
        ) from error


def is_kept(ref: str) -> bool:
    return ref != "" and _find(ref) is not None


def all_kept() -> list[str]:
    """Every secret that can be read, to be masked in what leaves the box."""
    found = []
    for path in _folder().iterdir() if _folder().is_dir() else ():
        try:
            found.append(get(f"secret://{path.name.removesuffix(_ONCE)}"))
        except (CalypsoError, ValueError):
            continue  # forgotten meanwhile, or of another key: nobody can have told it
    return found


@box.call("secrets.discard")
def discard(refs: list[str]) -> None:
    """Forgets secrets; those that are gone already are no error."""
    for ref in refs:
        for ending in ("", _ONCE):
            (_folder() / (_name(ref) + ending)).unlink(missing_ok=True)


@contextmanager
def opened(ref: str) -> Iterator[bytes | None]:
    """The secret as a line for a tool's stdin (None for no reference), masked in all that is recorded meanwhile."""
    if not ref:
        yield None
        return
    value = get(ref)
    with masking(value):
        yield f"{value}\n".encode()


@contextmanager
def handed_over(ref: str, value: str, *, once: bool) -> Iterator[None]:
    """Stores a secret for the command that the block dispatches; an error there forgets it again."""
    with masking(value):
        is_new = put(ref, value, once=once)
        try:
            yield
        except BaseException:
            if is_new:
                discard([ref])
            raise


def ended(operation: Operation) -> None:
    """Forgets what an ended operation was given: one-time secrets, and keys that nothing can have been made with."""
    given = _REFERENCE.findall(orjson.dumps(operation.input).decode())
    if not given:
        return
    operation.refresh_from_db()
    for ref in given if operation.finished else ():
        path = _find(ref)
        if path is not None and (path.name.endswith(_ONCE) or not _may_be_in_use(operation)):
            discard([ref])


def sweep() -> None:
    """Forgets one-time secrets that a crash left behind."""
    old = [path for path in _folder().glob(f"*{_ONCE}") if path.stat().st_mtime < time.time() - ORPHANED_SECONDS]
    if old:
        inputs = orjson.dumps(list(Operation.objects.unfinished().values_list("input", flat=True))).decode()
        for path in old:
            if path.name.removesuffix(_ONCE) not in inputs:
                path.unlink(missing_ok=True)


def _may_be_in_use(operation: Operation) -> bool:
    """One key too many is harmless, one too few is not."""
    standing = ("running", "done", "observed", "undo failed")
    return operation.state == "succeeded" or any(step["state"] in standing for step in operation.steps)


def _keyed(*parts: str) -> str:
    message = b"\0".join(part.encode() for part in parts)
    return hmac.new(settings.FINGERPRINT_KEY.encode(), message, sha256).hexdigest()


def _cipher() -> AESGCM:
    key = settings.SECRETS.get("VAULT_KEY", "")
    if not key:
        raise Unavailable(
            "This appliance has no key for its secrets yet.", code="no_vault_key", hint="Restart Calypso: it makes one."
        )
    return AESGCM(sha256(key.encode()).digest())


def _folder() -> Path:
    folder: Path = settings.HOME.vault
    return folder


def _name(ref: str) -> str:
    if not _REFERENCE.fullmatch(ref):
        raise ValueError("that is no reference of a secret")
    return ref.removeprefix("secret://")


def _find(ref: str) -> Path | None:
    paths = [_folder() / (_name(ref) + ending) for ending in ("", _ONCE)]
    return next((path for path in paths if path.exists()), None)
