"""A big box: scans of it, its lists and searches over REST, and the web process over many requests."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.children import ROOT, bearer, web_process
from bench.measure import percentile
from bench.table import Row

PAGE = 100
CLIENTS = 4
STARTED = 10  # one part in so many of the requests, after which the web process has all that it keeps


@dataclass(frozen=True)
class Big:
    """How big the box is, and how often it is asked."""

    disks: int = 1000
    pools: int = 100
    datasets: int = 10_000
    snapshots: int = 200_000
    pages: int = 60  # of each list
    requests: int = 10_000


SMALL = Big(disks=20, pools=2, datasets=50, snapshots=200, pages=3, requests=60)


def measure(big: Big) -> list[Row]:
    fill(big)
    first, again = scans(1)[0], scans(2)[-1]
    changed = {what: after(argv) for what, argv in CHANGES.items()}
    box = f"{big.disks:,} disks, {big.pools:,} pools, {big.datasets:,} datasets, {big.snapshots:,} snapshots"
    rows = [
        Row(f"first scan of {box}: CPU, tools included", first["cpu"], "s"),
        Row("… CPU of the lab's tools in it", first["tools"], "s"),
        Row("… batched events that it wrote", first["events"]),
        Row("… peak memory", first["memory"], "MB", target=300, at_most=True),
        Row("scan of the same box again: CPU, tools included", again["cpu"], "s", target=10, at_most=True),
        Row("… CPU of the lab's tools in it", again["tools"], "s"),
        Row("… events that it wrote", again["events"], target=0, at_most=True),
        Row("… peak memory", again["memory"], "MB", target=300, at_most=True),
    ]
    rows += [Row(f"scan after {what}: events", events, target=1, at_most=True) for what, events in changed.items()]
    with web_process() as (address, pid):
        asked = Asked(address)
        rows += [_paged(asked, what, big.pages) for what in LISTS]
        rows += [_searched(asked, what, big.pages) for what in SEARCHES]
        rows.append(_flat(address, pid, big.requests))
    return rows


def fill(big: Big) -> None:
    from calypso.lab.filling import fill as filled
    from calypso.lab.state import change as changing

    with changing() as state:
        filled(state, pools=big.pools, disks=big.disks, datasets=big.datasets, snapshots=big.snapshots)


def scans(times: int) -> list[dict[str, float]]:
    """What so many scans took, in a process of their own."""
    argv = [sys.executable, "-m", "bench.scanning", str(times)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    print(done.stdout, file=sys.stderr, flush=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


CHANGES = {
    "one snapshot was made": ("zfs", "snapshot", "{dataset}@by-hand"),
    "one value was set": ("zfs", "set", "compression=zstd", "{dataset}"),
    "one property of a pool was set": ("zpool", "set", "comment=mine", "{pool}"),
}


def after(change: Sequence[str]) -> float:
    """The events of a scan after somebody did this by hand, a second after the last snapshot that is known."""
    from calypso.kernel import shell

    listed = shell.run(["zfs", "list", "-H", "-o", "name", "-t", "filesystem"], deadline=60).stdout.split()
    time.sleep(1)
    done = shell.run([word.format(dataset=listed[-1], pool=listed[0]) for word in change], deadline=60)
    if not done.ok:
        raise RuntimeError(done.stderr)
    return scans(1)[0]["events"]


# --- the lists --------------------------------------------------------------------------------------------------------


class Asked:
    """REST over one connection that is kept, as an administrator."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.headers = {"Authorization": bearer(address)}
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def get(self, path: str) -> dict[str, Any]:
        answer, body = self._answer(path)
        if answer.status == 401:  # a token lasts for a quarter of an hour
            self.headers = {"Authorization": bearer(self.address)}
            answer, body = self._answer(path)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:500]!r}")
        found: dict[str, Any] = json.loads(body)
        return found

    def _answer(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request("GET", f"/api/v1/storage/{path}", headers=self.headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def timed(self, path: str) -> float:
        """Milliseconds."""
        started = time.perf_counter()
        self.get(path)
        return 1000 * (time.perf_counter() - started)


LISTS = ("disks", "pools", "datasets", "snapshots")
SEARCHES = (
    "disks?search=00",
    "datasets?search=1",
    "snapshots?search=1",
    "snapshots?search=in-no-name",
    "snapshots?under={dataset}",
    "datasets?under={dataset}",
)


def _paged(asked: Asked, what: str, pages: int) -> Row:
    """Pages from anywhere in the list: cursors are those of rows chosen by chance."""
    cursors = [*cursors_of(what, pages), ""]
    times = [asked.timed(f"{what}?limit={PAGE}&cursor={cursor}") for cursor in cursors]
    return Row(f"GET /{what}, {PAGE} from anywhere, p95", percentile(times, 95), "ms", target=100, at_most=True)


def cursors_of(what: str, count: int) -> list[str]:
    from apps.storage.models.datasets import Dataset
    from apps.storage.models.disks import Disk
    from apps.storage.models.pools import Pool
    from apps.storage.models.snapshots import Snapshot
    from calypso.kernel.paging import cursor_of

    models: dict[str, tuple[Any, str]] = {
        "disks": (Disk, "id"),
        "pools": (Pool, "name"),
        "datasets": (Dataset, "name"),
        "snapshots": (Snapshot, "created_at"),
    }
    model, field = models[what]
    keys = list(model._default_manager.values_list("pk", flat=True))
    chosen = random.Random(7).sample(keys, min(count, len(keys)))
    return [cursor_of(field, row) for row in model._default_manager.filter(pk__in=chosen)]


def _searched(asked: Asked, what: str, count: int) -> Row:
    from apps.storage.models.datasets import Dataset

    names = list(Dataset.objects.values_list("name", flat=True))
    chance = random.Random(7)
    paths = [f"{what}&limit={PAGE}".format(dataset=chance.choice(names)) for _ in range(count)]
    words = what.replace("{dataset}", "…")
    times = [asked.timed(path) for path in paths]
    return Row(f"GET /{words}, p95", percentile(times, 95), "ms", target=200, at_most=True)


def _flat(address: str, pid: int, requests: int) -> Row:
    """What the web process grows by once it has warmed up, asked by several clients at once."""
    paths = [f"{what}?limit=10" for what in LISTS]
    clients = [Asked(address) for _ in range(CLIENTS)]

    def ask(client: Asked, count: int) -> None:
        for number in range(count):
            client.get(paths[number % len(paths)])

    def ask_all(count: int) -> None:
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(ask, clients, [count // CLIENTS] * CLIENTS))

    ask_all(requests // STARTED)
    before = _resident(pid)
    ask_all(requests - requests // STARTED)
    grown = _resident(pid) - before
    return Row(f"web process after {requests:,} requests: grown by", max(0.0, grown), "MB", target=10, at_most=True)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
