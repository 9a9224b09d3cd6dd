"""The box as it is; importing this registers with the kernel what it may ask of the box."""

from apps.storage.observe import (
    dataset_outcomes,
    dataset_probes,
    diffs,
    importing,
    lights,
    outcomes,
    probes,
    probes_members,
    scan,
    scheduling,
    smart,
    snapshots,
    wiping,
)

__all__ = [
    "dataset_outcomes",
    "dataset_probes",
    "diffs",
    "importing",
    "lights",
    "outcomes",
    "probes",
    "probes_members",
    "scan",
    "scheduling",
    "smart",
    "snapshots",
    "wiping",
]
