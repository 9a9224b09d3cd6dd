"""Alerts: what a rule says holds now, and the events of an alert's life. Pure."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from calypso.kernel.events import Event, Kind, event

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")


class Condition(BaseModel):
    """Something that holds now. ``key`` names it within its rule, the same as long as it is the same trouble.

    ``grade``: how bad it is among alerts of its severity; more is worse. ``text`` holds no figure that flutters: what
    differs here is an event. ``advice``: what to do. ``resource``: the address of what it is about.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    severity: Severity
    resource: str
    title: str
    text: str
    advice: str
    grade: int = 0


def worse(severity: str, grade: int) -> tuple[int, int]:
    """How bad an alert is, for comparison."""
    return SEVERITIES.index(severity), grade


def alert_address(alert: UUID) -> str:
    return f"alerts.{alert}"


class AlertEvent(Event):
    alert: UUID
    rule: str
    key: str
    resource: str

    def keys(self) -> tuple[str, ...]:
        return ("alerts", alert_address(self.alert), self.resource)


class AlertState(AlertEvent):
    """An alert in full."""

    severity: Severity
    grade: int
    title: str
    text: str
    advice: str


@event("alerts.AlertRaised.v1", Kind.OBSERVATION)
class AlertRaised(AlertState):
    pass


@event("alerts.AlertChanged.v1", Kind.OBSERVATION)
class AlertChanged(AlertState):
    """``fields`` names what differs from before. ``worse``: an acknowledged alert is active again."""

    fields: tuple[str, ...]
    worse: bool


@event("alerts.AlertAcknowledged.v1", Kind.OBSERVATION)
class AlertAcknowledged(AlertEvent):
    """Somebody knows of it; who and why stand beside the event."""


@event("alerts.AlertCleared.v1", Kind.OBSERVATION)
class AlertCleared(AlertEvent):
    """It does not hold any more."""
