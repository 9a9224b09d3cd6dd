"""Datasets as commands and routes find them: by id, and with what they inherit."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.storage.domain.inheritance import Effective, Own, ancestors_of, effective
from apps.storage.models.datasets import Dataset
from calypso.kernel.errors import NotFound


def find_dataset(dataset: UUID) -> Dataset:
    """Raises NotFound."""
    found = Dataset.objects.filter(pk=dataset).first()
    if found is None:
        raise NotFound(f"There is no dataset {dataset}.", code="no_such_dataset", field="id")
    return found


def own_of(names: Iterable[str]) -> dict[str, Own]:
    """What is set on each of these datasets itself, by name."""
    return dict(Dataset.objects.filter(name__in=list(names)).values_list("name", "properties"))


def effective_of(row: Dataset) -> dict[str, Effective]:
    """All its properties in effect."""
    above = ancestors_of(row.name)
    known = own_of(above)
    found = effective(row.name, row.type, row.properties, [(name, known.get(name, {})) for name in above])  # type: ignore[arg-type]  # a DatasetType
    if row.mountpoint and "mountpoint" in found:
        found["mountpoint"] = Effective(row.mountpoint, found["mountpoint"].source, found["mountpoint"].ancestor)
    return found
