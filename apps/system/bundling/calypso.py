"""Calypso itself in a support bundle: versions, configuration, health, alerts, recent operations, the ledger's head."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import distributions
from typing import Any

from django.conf import settings
from django.forms.models import model_to_dict

from calypso import VERSION
from calypso.kernel import health, store
from calypso.kernel.bundles import part
from calypso.kernel.models import Alert, BuiltProjection, Heartbeat, Operation
from calypso.kernel.redaction import MASK

OPERATIONS = 200  # the latest
# What calypso.yaml may set and is no secret; URLs have their passwords masked. Whatever else stands there is masked.
KNOWN = ("allowed_hosts", "trusted_origins", "https", "host", "port", "database.url", "database.admin_url")
KNOWN_PREFIXES = ("system.",)


def versions(hours: int) -> dict[str, Any]:
    return {
        "calypso": VERSION,
        "lab": settings.CALYPSO_LAB,
        "python": platform.python_version(),
        "postgresql": store.query("SELECT version()")[0][0],
        "packages": {each.name: each.version for each in sorted(distributions(), key=lambda d: d.name.lower())},
    }


def configuration(hours: int) -> dict[str, Any]:
    return {
        name: value if name in KNOWN or name.startswith(KNOWN_PREFIXES) else MASK
        for name, value in sorted(settings.CONFIG.items())
    }


def healths(hours: int) -> dict[str, Any]:
    found = health.look_at_all()
    return {"state": health.overall(found), "checks": [each.model_dump(mode="json") for each in found]}


def alerts(hours: int) -> list[Any]:
    return list(Alert.objects.order_by("-position").values()[:OPERATIONS])


def operations(hours: int) -> list[Any]:
    """Their inputs name secrets by reference only."""
    return list(Operation.objects.order_by("-position").values()[:OPERATIONS])


def ledger(hours: int) -> dict[str, Any]:
    """The tree's head as it stands. It is not signed: there are no signed checkpoints yet."""
    head = store.head()
    return {
        "size": head.size,
        "root": head.root().hex(),
        "peaks": [peak.hex() for peak in head.peaks],
        "signed": False,
        "projections": dict(BuiltProjection.objects.values_list("name", "version")),
    }


def processes(hours: int) -> list[dict[str, Any]]:
    return [model_to_dict(beat) for beat in Heartbeat.objects.order_by("process")]


FILES: dict[str, Callable[[int], Any]] = {
    "versions.json": versions,
    "configuration.json": configuration,
    "health.json": healths,
    "alerts.json": alerts,
    "operations.json": operations,
    "ledger.json": ledger,
    "processes.json": processes,
}


@part("calypso", "versions, configuration, health, alerts, operations, the ledger's head", *FILES)
def tell(file: str, hours: int) -> Any:
    return FILES[file](hours)
