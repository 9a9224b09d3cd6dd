"""Sample calls of datasets, and of what differs."""

from __future__ import annotations

from typing import Any

from apps.storage.models.datasets import Dataset, KeptKey
from apps.storage.models.pools import Pool
from calypso.kernel import secrets
from tests.api.routes.scene import (
    ADMINISTER,
    OPERATE,
    READ,
    Route,
    Scene,
    dataset_id,
)
from tests.support.history import some_id

OPEN = {"encryption": "aes-256-gcm", "encryption_root": "tank/home", "key_status": "available"}
LOCKED = {**OPEN, "key_status": "unavailable"}


def home(scene: Scene, **changes: Any) -> str:
    """A file system “tank/home” that looks so."""
    root = Dataset.objects.get(name="tank")
    made = some_id("dataset", 1)
    row = {**Dataset.objects.filter(pk=root.pk).values().get(), "id": made, "name": "tank/home", "parent": "tank"}
    Dataset.objects.create(**{**row, "mounted": False, "mountpoint": "/tank/home", **changes})
    if key := changes.get("key"):
        KeptKey.objects.create(key=key, dataset=made, guid="", fingerprint="f", exported_at=None)
    return str(made)


def kept() -> str:
    ref = secrets.reference()
    secrets.put(ref, "0" * 64, once=False)
    return ref


def drifted(scene: Scene) -> dict[str, str]:
    """A value of tank that somebody changed behind Calypso's back."""
    Pool.objects.update(drift=[{"field": "autotrim", "wanted": "off", "seen": "on", "since": "2026-11-24T12:00:00Z"}])
    return {"address": "storage.pool.tank"}


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/storage/datasets"): Route(READ),
    ("GET", "/storage/datasets/properties"): Route(READ),
    ("GET", "/storage/datasets/{dataset_id}"): Route(READ, path=lambda _: f"/storage/datasets/{dataset_id('tank')}"),
    ("POST", "/storage/datasets"): Route(
        ADMINISTER, body=lambda _: {"name": "tank/new"}, records="operations.OperationRequested.v1"
    ),
    ("PATCH", "/storage/datasets/{dataset_id}"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}",
        body=lambda _: {"properties": {"quota": "1G"}},
        records="operations.OperationRequested.v1",
    ),
    ("DELETE", "/storage/datasets/{dataset_id}"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}?confirm=tank/home",
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/rename"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}/rename",
        body=lambda _: {"name": "tank/other"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/promote"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, origin='tank@s')}/promote",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/mount"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}/mount",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/unmount"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, mounted=True)}/unmount",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/load-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **LOCKED)}/load-key",
        body=lambda _: {"passphrase": "correct horse battery"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/unload-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **OPEN)}/unload-key",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/change-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **OPEN)}/change-key",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/export-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **OPEN, key=kept())}/export-key",
        body=lambda _: {},
        records="storage.KeyExported.v1",
    ),
    ("GET", "/storage/datasets/{dataset_id}/used-by"): Route(
        READ, path=lambda s: f"/storage/datasets/{home(s)}/used-by"
    ),
    ("GET", "/storage/datasets/{dataset_id}/quotas"): Route(READ, path=lambda s: f"/storage/datasets/{home(s)}/quotas"),
    ("PUT", "/storage/datasets/{dataset_id}/quotas"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}/quotas",
        body=lambda _: {"quotas": [{"who": "ann", "space": "1G"}]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/quotas/scan"): Route(
        OPERATE,
        path=lambda s: f"/storage/datasets/{home(s)}/quotas/scan",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/drift"): Route(READ),
    ("POST", "/storage/drift/accept"): Route(ADMINISTER, body=drifted, records="operations.OperationRequested.v1"),
    ("POST", "/storage/drift/restore"): Route(ADMINISTER, body=drifted, records="operations.OperationRequested.v1"),
}
