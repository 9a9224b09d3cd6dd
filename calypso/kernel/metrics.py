"""Metrics for Prometheus: what this process measures, and what contexts tell of when they are asked.

No label holds what names a person, and none takes values without bound: requests are told by area, not by path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

registry = CollectorRegistry()
ProcessCollector(namespace="calypso_web", registry=registry)

REQUESTS = Histogram(
    "calypso_request_seconds",
    "How long answers to HTTP requests took, by area, method and class of status.",
    ("area", "method", "status"),
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=registry,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
API = "/api/v1/"
AREAS = ("alerts", "audit", "auth", "health", "operations", "storage", "system")
OTHERS = ("admin", "metrics", "static")

Teller = Callable[[], Iterable[Metric]]
_tellers: list[Teller] = []


def metrics(function: Teller) -> Teller:
    """Registers a function that tells metrics from the read models, when it is asked."""
    _tellers.append(function)
    return function


class _Told(Collector):
    def collect(self) -> Iterable[Metric]:
        for teller in _tellers:
            yield from teller()


registry.register(_Told())


def exposition() -> bytes:
    """All metrics, in Prometheus' text format."""
    return generate_latest(registry)


def observe_request(scope: Any, status: int, seconds: float) -> None:
    """One HTTP request was answered."""
    method = scope.get("method", "")
    labels = (area(scope.get("path", "")), method if method in METHODS else "other", f"{status // 100}xx")
    REQUESTS.labels(*labels).observe(seconds)


def area(path: str) -> str:
    """``storage`` for /api/v1/storage/pools; ``interface`` for the web interface's own pages."""
    inside = path.startswith(API)
    first = path.removeprefix(API if inside else "/").split("/", 1)[0]
    if first in (AREAS if inside else OTHERS):
        return first
    return "other" if path.startswith("/api/") else "interface"
