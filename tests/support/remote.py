"""The REST interface of a running appliance, as a client elsewhere sees it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.appliance import Appliance, wait_for

ENDED = ("succeeded", "failed", "cancelled", "interrupted")


class Remote:
    """Logged in as the administrator by a JWT."""

    def __init__(self, appliance: Appliance) -> None:
        self.appliance = appliance
        self.http = httpx.Client(base_url=f"{appliance.base_url}/api/v1", timeout=30)
        login = {"username": appliance.username, "password": appliance.admin_password}
        access = self.http.post("/auth/jwt", json=login).raise_for_status().json()["access"]
        self.http.headers["Authorization"] = f"Bearer {access}"

    def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """A command that must be accepted: its operation."""
        answer = self.http.post(path, json=body)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def operation(self, operation: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/operations/{operation}").raise_for_status().json()
        return found

    def end(self, operation: str, seconds: float = 30) -> dict[str, Any]:
        """The operation when it has ended."""

        def ended() -> dict[str, Any] | None:
            found = self.operation(operation)
            return found if found["state"] in ENDED else None

        return wait_for(ended, seconds, f"operation {operation} ends")

    def free_disks(self, count: int) -> list[str]:
        disks = self.http.get("/storage/disks?limit=500").raise_for_status().json()["items"]
        free = [d["id"] for d in disks if d["available"] and d["size"] == 4_000_787_030_016]
        assert len(free) >= count
        return free[:count]
