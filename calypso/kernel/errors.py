"""Every error that a user may see, with a stable code, an HTTP status and a hint.

CalypsoError
├── Invalid            422  input that breaks a rule; names the field
├── NotFound           404
├── Conflict           409  the state of the box or of a resource forbids it
│   ├── IdempotencyKeyReused
│   └── StalePlan
├── StaleVersion       412  If-Match does not match
├── ConfirmationNeeded 422
├── Denied             403
├── NotAuthenticated   401
├── TooLarge           413
├── TooManyAttempts    429
├── Unavailable        503  try again later
└── ToolError          502  a tool of the box refused or failed; `detail` has its own words
    ├── ToolMissing
    ├── ToolTimeout
    ├── ToolCancelled
    └── ToolGarbage

A context adds its own named errors below these (for example apps.storage.adapters.zpool.PoolBusy).
"""

from __future__ import annotations

from typing import Any


class CalypsoError(Exception):
    """An error meant for a user.

    message: one plain sentence. detail: the tool's own words, whole. hint: what to do next.
    field: the input field at fault, dotted (``vdevs.0.disks``), or None. extra: further JSON members of the answer.
    """

    code = "error"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        detail: str = "",
        hint: str = "",
        field: str | None = None,
        code: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint
        self.field = field
        self.extra = extra
        if code is not None:
            self.code = code


class Invalid(CalypsoError):
    code = "invalid_input"
    status = 422


class NotFound(CalypsoError):
    code = "not_found"
    status = 404


class Conflict(CalypsoError):
    code = "conflict"
    status = 409


class IdempotencyKeyReused(Conflict):
    code = "idempotency_key_reused"


class StalePlan(Conflict):
    code = "stale_plan"


class StaleVersion(CalypsoError):
    code = "stale_version"
    status = 412


class ConfirmationNeeded(CalypsoError):
    code = "confirmation_needed"
    status = 422


class Denied(CalypsoError):
    code = "permission_denied"
    status = 403


class NotAuthenticated(CalypsoError):
    code = "not_authenticated"
    status = 401


class TooLarge(CalypsoError):
    code = "body_too_large"
    status = 413


class TooManyAttempts(CalypsoError):
    code = "too_many_attempts"
    status = 429


class Unavailable(CalypsoError):
    code = "unavailable"
    status = 503


class ToolError(CalypsoError):
    code = "tool_failed"
    status = 502


class ToolMissing(ToolError):
    code = "tool_missing"


class ToolTimeout(ToolError):
    code = "tool_timeout"


class ToolCancelled(ToolError):
    code = "tool_cancelled"


class ToolGarbage(ToolError):
    code = "tool_garbage"
