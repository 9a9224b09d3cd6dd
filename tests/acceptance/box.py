"""The appliance as its REST interface offers it to a person with a token: the only way in which scenarios act on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

ENDED = ("succeeded", "failed", "cancelled", "interrupted")
PATIENCE = 300.0  # seconds for an operation; an emulated machine is slow
SOON = 60.0  # seconds for the box to be seen as it is
REASON = "acceptance"

Json = dict[str, Any]


class Refused(Exception):
    """A request that was answered with a problem, or an operation that did not succeed."""

    def __init__(self, problem: Json, operation: Json | None = None) -> None:
        super().__init__(problem)
        self.problem, self.operation = problem, operation
        self.code = str(problem.get("code"))
        self.field = problem.get("field")

    @property
    def words(self) -> str:
        """All that it says to a person."""
        return " ".join(str(self.problem.get(key) or "") for key in ("title", "message", "detail", "hint"))


class Box:
    """An appliance at a URL, as its administrator sees it. ``patience``: factor on all waits."""

    def __init__(self, url: str, username: str, password: str, *, patience: float = 1.0) -> None:
        self.url, self.patience = url, patience
        self.http = httpx.Client(base_url=f"{url}/api/v1", timeout=60 * patience)
        pair = self._json(self.http.post("/auth/jwt", json={"username": username, "password": password}))
        self._bear(pair["access"])
        wanted = {"name": "acceptance", "scope": ["read", "operate", "administer", "audit"]}
        self.token = str(self._json(self.http.post("/auth/tokens", json=wanted))["token"])
        self._bear(self.token)

    def _bear(self, token: str) -> None:
        self.http.headers["Authorization"] = f"Bearer {token}"

    @staticmethod
    def _json(answer: httpx.Response) -> Any:
        if answer.is_error:
            kind = answer.headers.get("content-type", "")
            raise Refused(answer.json() if "json" in kind else {"code": str(answer.status_code), "title": answer.text})
        return answer.json() if answer.content else None

    # --- reading ---

    def get(self, path: str, **query: Any) -> Any:
        """What a GET answers. Raises Refused."""
        return self._json(self.http.get(path, params=query))

    def items(self, path: str, **query: Any) -> list[Json]:
        """All rows of a list, page by page."""
        found: list[Json] = []
        page: Json = {"next": ""}
        while page["next"] is not None:
            more = {"cursor": page["next"]} if page["next"] else {}
            page = self.get(path, **query, **more)
            found += page["items"]
        return found

    def pool(self, name: str) -> Json:
        return dict(self.get(f"/storage/pools/{name}"))

    def has_pool(self, name: str) -> bool:
        return any(pool["name"] == name for pool in self.items("/storage/pools"))

    def dataset(self, name: str) -> Json:
        """A dataset by its full name, with its properties."""
        rows = self.items("/storage/datasets", pool=name.split("/", maxsplit=1)[0], under=name)
        return dict(self.get(f"/storage/datasets/{next(row['id'] for row in rows if row['name'] == name)}"))

    def has_dataset(self, name: str) -> bool:
        return any(row["name"] == name for row in self.items("/storage/datasets", pool=name.split("/", maxsplit=1)[0]))

    def snapshots(self, dataset: str) -> list[Json]:
        return self.items("/storage/snapshots", dataset=dataset)

    def events(self, type_prefix: str, stream: str = "") -> list[Json]:
        """Events of such a type, the latest first."""
        return self.items("/audit/events", type=type_prefix, **({"stream": stream} if stream else {}))

    def alerts(self, **filters: Any) -> list[Json]:
        return self.items("/alerts", **filters)

    # --- acting ---

    def ask(self, method: str, path: str, body: Json | None = None, *, confirm: str | None = None, **query: Any) -> Any:
        """A write, carried out: the operation at its end. Raises Refused, at once or for how the operation ended."""
        answer = self._send(method, path, body, confirm, {"wait": 30, **query})
        if "state" not in answer or "steps" not in answer:
            return answer
        return self.ended(answer)

    def begin(self, method: str, path: str, body: Json | None = None, *, confirm: str | None = None) -> Json:
        """A write that is not waited for: the operation as it is now."""
        return dict(self._send(method, path, body, confirm, {}))

    def plan(self, method: str, path: str, body: Json | None = None, **query: Any) -> Json:
        """The same write as a dry run: its plan."""
        return dict(self._send(method, path, body, None, {"dry_run": "true", **query}))

    def look(self, method: str, path: str, body: Json) -> Json:
        """A question that needs a body; nothing is changed by it."""
        return dict(self._json(self.http.request(method, path, json=body)))

    def ended(self, operation: Json) -> Json:
        """The operation when it has ended well. Raises Refused when it ended otherwise."""
        until = time.monotonic() + PATIENCE * self.patience
        while operation["state"] not in ENDED:
            assert time.monotonic() < until, f"still {operation['state']}: {operation['title']}"
            operation = self.get(f"/operations/{operation['id']}", wait=30)
        if operation["state"] != "succeeded":
            raise Refused(operation["error"] or {"code": operation["state"]}, operation)
        return operation

    def _send(self, method: str, path: str, body: Json | None, confirm: str | None, query: Json) -> Any:
        said = {"reason": REASON} | ({"confirm": confirm} if confirm is not None else {})
        if method == "DELETE":
            return self._json(self.http.request(method, path, params={**query, **said}))
        return self._json(self.http.request(method, path, params=query, json={**said, **(body or {})}))

    # --- what scenarios often do ---

    def free_disks(self, count: int) -> list[str]:
        """Ids of so many disks that are free and of one size. Waits for those that somebody just gave back."""
        return list(self.until(lambda: self._alike(count), f"{count} free disks of one size"))

    def _alike(self, count: int) -> list[str]:
        most = max(self._by_size().values(), key=len, default=[])
        return most[:count] if len(most) >= count else []

    def _by_size(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for disk in self.items("/storage/disks"):
            if disk["available"] and not disk["system"]:
                found.setdefault(disk["size"], []).append(disk["id"])
        return found

    def two_sizes(self, count: int) -> tuple[list[str], list[str]]:
        """Ids of so many free disks of one size, and of as many larger ones."""
        by_size = {size: ids for size, ids in sorted(self._by_size().items()) if len(ids) >= count}
        small, large = list(by_size.values())[:2]
        return small[:count], large[:count]

    def create_pool(self, name: str, *vdevs: Json, **more: Any) -> Json:
        """Makes a pool, or raises Refused: the pool."""
        confirm = more.pop("confirm", None)
        self.ask("POST", "/storage/pools", {"name": name, "vdevs": list(vdevs), **more}, confirm=confirm)
        return self.pool(name)

    def create_dataset(self, name: str, **more: Any) -> Json:
        """Makes a dataset, or raises Refused: the dataset."""
        self.ask("POST", "/storage/datasets", {"name": name, **more})
        return self.dataset(name)

    def change_dataset(self, dataset: Json, **changes: Any) -> None:
        self.ask("PATCH", f"/storage/datasets/{dataset['id']}", changes)

    def snapshot(self, datasets: list[str], name: str, *, recursive: bool = False) -> None:
        self.ask("POST", "/storage/snapshots", {"datasets": datasets, "name": name, "recursive": recursive})

    def schedule(self, name: str, *, dataset: str) -> str:
        """Makes a schedule of nightly snapshots: its name."""
        job = {"kind": "snapshots", "dataset": dataset, "naming": f"{name}-%Y-%m-%d_%H-%M"}
        self.ask("POST", "/storage/schedules", {"name": name, "job": job, "when": {"cron": "0 3 * * *"}})
        return name

    def act(self, pool: str, verb: str, body: Json | None = None, *, confirm: str | None = None, **query: Any) -> Any:
        """``POST /storage/pools/{pool}/{verb}``"""
        return self.ask("POST", f"/storage/pools/{pool}/{verb}", body, confirm=confirm, **query)

    def until(self, look: Callable[[], Any], what: str, seconds: float = SOON) -> Any:
        """The first true value of a look at the box. Fails the scenario when there is none in time."""
        end = time.monotonic() + seconds * self.patience
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.2)
        raise AssertionError(f"not within {seconds * self.patience:.0f} s: {what}")

    def until_pool(self, name: str, state: str, seconds: float = SOON) -> Json:
        """The pool when it's in this state."""

        def look() -> Json | None:
            pool = self.pool(name)
            return pool if pool["state"] == state else None

        return dict(self.until(look, f"pool {name} is {state}", seconds))


def leaves(pool: Json, role: str = "") -> Iterator[Json]:
    """The disks of a pool as its layout tells them, of one role or of all."""
    waiting = [vdev for at, vdevs in pool["layout"].items() if role in ("", at) for vdev in vdevs]
    while waiting:
        vdev = waiting.pop(0)
        if vdev["children"]:
            waiting = vdev["children"] + waiting
        else:
            yield vdev


def vdev(type: str, disks: list[str], role: str = "data") -> Json:
    """A top-level vdev as it is asked for."""
    return {"type": type, "disks": disks, "role": role}
