"""Metrics of pools and disks, from the read models."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.smart import DiskHealth
from calypso.kernel.metrics import metrics


@metrics
def pools() -> Iterator[Metric]:
    states = GaugeMetricFamily("calypso_pool_state", "1 for the state that a pool is in.", labels=("pool", "state"))
    names = {}
    for pool in Pool.objects.order_by("name"):
        states.add_metric((pool.name, pool.state), 1)
        names[pool.id] = pool.name
    yield states
    allocated = GaugeMetricFamily("calypso_pool_allocated_bytes", "Allocated space of a pool.", labels=("pool",))
    free = GaugeMetricFamily("calypso_pool_free_bytes", "Free space of a pool.", labels=("pool",))
    for usage in PoolUsage.objects.filter(pool__in=names):
        allocated.add_metric((names[usage.pool],), usage.allocated)
        free.add_metric((names[usage.pool],), usage.free)
    yield from (allocated, free)


@metrics
def disks() -> Iterator[Metric]:
    yield GaugeMetricFamily("calypso_disks", "Disks that are attached.", value=Disk.objects.count())
    failing = DiskHealth.objects.failing().count()
    yield GaugeMetricFamily("calypso_disks_failing", "Disks that fail by their own verdict or test.", value=failing)
