"""Row 7: from the request of a ScanStorage to its start in the worker; the ledger's own times of the two events."""

from __future__ import annotations

import json
import time

from django.conf import settings

from bench.children import bearer, call, running, web
from calypso.kernel.models import Operation


def measure(operations: int) -> list[float]:
    """Milliseconds from queued to running, one operation after the other, real web and worker processes."""
    with web() as address, running("worker"):
        authorization = bearer(address)
        body = json.dumps({"reason": "measuring"}).encode()
        asked = []
        for number in range(operations + 3):
            answer = call(address, "storage/scan?wait=30", body, authorization)
            if number >= 3:  # the worker starts, the first ones wait for it
                asked.append(answer["id"])
            time.sleep(0.05)
    rows = Operation.objects.filter(pk__in=asked, started_at__isnull=False)
    if len(rows) < len(asked):
        raise SystemExit(f"The worker began {len(rows)} of {len(asked)} operations; its log: {_log()}")
    return [(row.started_at - row.requested_at).total_seconds() * 1000 for row in rows if row.started_at]


def _log() -> str:
    return (settings.HOME.logs / "worker.jsonl").read_text()[-3000:]
