"""REST: datasets with keys. A passphrase becomes a reference here, before there is a command that could be recorded."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Schema, Status
from pydantic import ConfigDict, Field, StringConstraints

from apps.storage.api.datasets import Body
from apps.storage.api.router import router
from apps.storage.commands.datasets import MOST_PROPERTIES, Cipher, CreateDataset, DatasetPath, KeyWish, Values
from apps.storage.commands.encryption import ChangeKey, LoadKey, UnloadKey, export_key
from apps.storage.domain.datasets import DatasetType
from calypso.kernel import secrets
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, actor_of, answers, submit, waited

KEY_BYTES = 32
Passphrase = Annotated[
    str,
    StringConstraints(min_length=8, max_length=512, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(json_schema_extra={"format": "password", "writeOnly": True}),
]


class EncryptionBody(Schema):
    """How a new dataset is encrypted with a key of its own."""

    model_config = ConfigDict(extra="forbid")

    cipher: Cipher = "aes-256-gcm"
    passphrase: Passphrase | None = Field(
        None, description="Without one Calypso makes a key, and keeps it: the dataset opens by itself."
    )


class NewDatasetBody(Body):
    name: DatasetPath = Field(description="The full name: its pool's, and the datasets above it, with / between.")
    type: DatasetType = "filesystem"
    volsize: int | Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="A volume's size, in bytes or as 1.5T."
    )
    thin: bool = Field(False, description="A volume that reserves no space.")
    parents: bool = Field(False, description="Create what is missing above it.")
    properties: Values = Field({}, max_length=MOST_PROPERTIES, description="Values to set; sizes in bytes or as 10G.")
    encryption: EncryptionBody | None = Field(None, description="A key of its own. Left out: as what it is in.")


class LoadKeyBody(Body):
    passphrase: Passphrase | None = Field(None, description="Or the key in hex digits. Not needed for a kept key.")
    mount: bool = Field(True, description="Mount afterwards what is mounted by itself.")


class UnloadKeyBody(Body):
    force: bool = Field(False, description="Even when something uses it.")


class ChangeKeyBody(Body):
    passphrase: Passphrase | None = Field(None, description="Without one Calypso makes a key, and keeps it.")
    inherit: bool = Field(False, description="Take the key of what it is in instead.")


class KeyOut(Schema):
    """A key that Calypso keeps; this answer is the only place where it is ever shown."""

    key: str
    fingerprint: str


@router.post("/datasets", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def create_dataset(request: HttpRequest, body: NewDatasetBody, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes a file system or a volume, with a key of its own where ``encryption`` is given."""
    fields = body.dict(exclude={"encryption"})
    wish = body.encryption
    if wish is None:
        return submit(request, CreateDataset(**fields), how, given)
    return _with_key(
        request, how, given, wish.passphrase, lambda key: CreateDataset(**fields, cipher=wish.cipher, key=key)
    )


@router.post("/datasets/{dataset_id}/load-key", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def load_key(
    request: HttpRequest, dataset_id: UUID, body: LoadKeyBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Unlocks an encrypted dataset, and mounts what waits for it."""

    def asked(ref: str | None) -> Command:
        return LoadKey(dataset=dataset_id, secret=ref, mount=body.mount, reason=body.reason)

    if body.passphrase is None:
        return submit(request, asked(None), how, given)
    return _with_secret(request, how, given, body.passphrase, asked, once=True)


@router.post("/datasets/{dataset_id}/unload-key", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def unload_key(
    request: HttpRequest, dataset_id: UUID, body: UnloadKeyBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Locks an encrypted dataset: unmounts what is of its key, and has ZFS forget the key."""
    return submit(request, UnloadKey(dataset=dataset_id, force=body.force, reason=body.reason), how, given)


@router.post("/datasets/{dataset_id}/change-key", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def change_key(
    request: HttpRequest, dataset_id: UUID, body: ChangeKeyBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Gives a dataset a new passphrase, a new key that Calypso keeps, or the key of what it is in."""

    def asked(key: KeyWish | None) -> Command:
        return ChangeKey(dataset=dataset_id, key=key, reason=body.reason)

    if body.inherit:
        return submit(request, asked(None), how, given)
    return _with_key(request, how, given, body.passphrase, asked)


@router.post("/datasets/{dataset_id}/export-key", auth=Needs(Permission.ADMINISTER), response=answers(s200=KeyOut))
def show_key(request: HttpRequest, response: HttpResponse, dataset_id: UUID, body: Body) -> dict[str, str]:
    """Shows a key that Calypso keeps, once; who did and why is on record as a security event."""
    key, fingerprint = export_key(dataset_id, actor_of(request), body.reason)
    response["Cache-Control"] = "no-store"
    return {"key": key, "fingerprint": fingerprint}


def _with_key(
    request: HttpRequest, how: How, given: Preconditions, passphrase: str | None, make: Callable[[KeyWish], Command]
) -> Any:
    """A command with a new key: the passphrase, or one made here."""
    if passphrase is not None:
        return _with_secret(
            request, how, given, passphrase, lambda ref: make(KeyWish(format="passphrase", secret=ref)), once=True
        )
    made = randomness.token_hex(KEY_BYTES)
    return _with_secret(request, how, given, made, lambda ref: make(KeyWish(format="hex", secret=ref)), once=False)


def _with_secret(
    request: HttpRequest, how: How, given: Preconditions, value: str, make: Callable[[str], Command], *, once: bool
) -> Any:
    """Answers a write that takes a secret. A repeated request has the same reference, so that it is known again."""
    key = given.idempotency_key
    ref = secrets.reference(actor_of(request).name, key, value if once else "made") if key else secrets.reference()
    if how.dry_run:
        return submit(request, make(ref), how, given)
    with secrets.handed_over(ref, value, once=once):
        answer = submit(request, make(ref), how.model_copy(update={"wait": 0}), given)
    operation = waited(answer.value, how.wait)
    secrets.ended(operation)
    return Status(answer.status_code, operation)
