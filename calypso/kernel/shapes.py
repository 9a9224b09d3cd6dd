"""What REST answers about plans and operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from calypso.kernel.plans import Dependent, Destroys, Outcome, Plan, Step


class PlanOut(Schema):
    """A dry run: what would be done, exactly."""

    title: str
    resources: list[str]
    steps: list[Step]
    outcome: list[Outcome]
    destroys: Destroys | None
    stops: list[Dependent]
    warnings: list[str]
    confirm: str | None
    cuts: bool = Field(False, description="What is confirmed is the loss of a way in, and not of data.")
    digest: str


class UndoOut(Schema):
    argv: list[str]
    call: str = ""
    stderr: str


class StepOut(Schema):
    """One step of an operation. Outputs are the ends of what the tool printed; ``output_bytes`` counts all of it.

    ``call``: what was called, where no tool was run: over D-Bus, or a function of ours. Its reply is in ``stdout``.
    """

    title: str
    kind: str
    argv: list[str]
    call: str = ""
    state: str = Field(description="waiting, running, done, observed, failed, undone or undo failed.")
    started_at: datetime | None = None
    exit_code: int | None = None
    duration_ms: int | None = None
    output_sha256: str = ""
    output_bytes: int = 0
    stdout: str = ""
    stderr: str = ""
    undo: UndoOut | None = None


class ErrorOut(Schema):
    """Why an operation failed: ``detail`` has the tool's own words."""

    code: str
    message: str
    detail: str
    hint: str


class ProgressOut(Schema):
    """How far the step in hand has got, as its tool tells; null where it does not."""

    step: int = Field(description="Counted from 0.")
    percent: float | None
    done: int | None = Field(description="Bytes.")
    total: int | None = Field(description="Bytes.")
    rate: float | None = Field(description="Bytes a second.")
    eta_seconds: int | None
    sampled_at: datetime


class OperationOut(Schema):
    id: UUID
    position: int
    last_position: int
    command: str
    title: str
    state: str
    actor: str
    auth: str
    source: str
    reason: str
    correlation_id: UUID | None
    input: dict[str, Any]
    resources: list[str]
    plan: Plan
    steps: list[StepOut]
    error: ErrorOut | None
    progress: ProgressOut | None
    cancel_requested: bool
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
