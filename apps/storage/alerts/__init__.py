"""What storage calls trouble: rules over the read models, one module a concern; importing this registers them."""

from apps.storage.alerts import datasets, disks, pools, schedules, snapshots

__all__ = ["datasets", "disks", "pools", "schedules", "snapshots"]
