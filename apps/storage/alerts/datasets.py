"""Trouble with datasets: quotas nearly used up, drift, keys that are not loaded."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F

from apps.storage.alerts.levels import level
from apps.storage.domain.datasets import dataset_address
from apps.storage.models.datasets import Dataset
from calypso.kernel.alerts.domain import Condition, Severity
from calypso.kernel.alerts.rules import Standing, rule

QUOTA: dict[int, Severity] = {90: "warning", 97: "critical"}  # percent
BACK_OFF = 2.0


@rule("storage.quotas")
def quotas(standing: Standing) -> Iterator[Condition]:
    """File systems that have nearly used up their quota; beyond it each write fails."""
    for dataset, name, quota, percent in Dataset.objects.nearly_full(min(QUOTA) - BACK_OFF):
        key = f"{quota}:{dataset}"
        if at := level(percent, tuple(QUOTA), standing.get(key), BACK_OFF):
            yield Condition(
                key=key,
                severity=QUOTA[at],
                grade=at,
                resource=dataset_address(name),
                title=f"{name} has used {at} % of its {quota}",
                text="When it is used up, nothing can be written there any more.",
                advice=f"Raise the {quota}, or delete what is not needed.",
            )


@rule("storage.drift")
def drift(standing: Standing) -> Iterator[Condition]:
    """Datasets that are not as configured, or not there."""
    for dataset in Dataset.objects.exclude(drift=[]).only("id", "name", "drift", "missing"):
        fields = ", ".join(sorted({str(difference["field"]) for difference in dataset.drift}))
        title = f"{dataset.name} is gone" if dataset.missing else f"{dataset.name} differs from its configuration"
        text = "It was destroyed or renamed" if dataset.missing else f"Changed: {fields}"
        yield Condition(
            key=str(dataset.id),
            severity="critical" if dataset.missing else "warning",
            resource=dataset_address(dataset.name),
            title=title,
            text=f"{text} behind Calypso's back.",
            advice="Accept what is there now, or restore what was configured.",
        )


@rule("storage.locked")
def locked(standing: Standing) -> Iterator[Condition]:
    """Encrypted datasets whose key is not loaded; one alert for all that share a key."""
    roots = Dataset.objects.filter(key_status="unavailable", encryption_root=F("name"), missing=False)
    for dataset in roots.only("id", "name"):
        yield Condition(
            key=str(dataset.id),
            severity="info",
            resource=dataset_address(dataset.name),
            title=f"{dataset.name} is locked",
            text="Its key is not loaded: it can't be mounted, and what uses it does not work.",
            advice="Load its key.",
        )
