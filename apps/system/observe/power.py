"""Sees that the machine was booted, and tells how it had stopped before."""

from __future__ import annotations

import json
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from apps.system.domain.power import BoxBooted, BoxStopped, How, boot_stream
from apps.system.models.power import Boot
from calypso.kernel import box, bus, store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.errors import CalypsoError, Conflict
from calypso.kernel.events import Change
from calypso.kernel.models import Heartbeat, Operation
from calypso.kernel.plans import Request
from calypso.kernel.projections import append

EVERY_SECONDS = 30.0
LOGIN1 = "org.freedesktop.login1"
ASK_SECONDS = 1.0  # at most: this process is about to be ended itself
COMMANDS = ("system.RebootBox", "system.ShutDownBox")

log = structlog.get_logger("calypso.system")


def boot_id() -> UUID:
    """What the kernel calls this boot (random(4)); in the lab a file of the lab's, once it was booted anew."""
    for path in (Path(settings.CALYPSO_BOOT_ID), Path("/proc/sys/kernel/random/boot_id")):
        if path.exists():
            return UUID(path.read_text().strip())
    raise Conflict("The kernel does not tell its boot.", code="boot_unknown", hint="Is /proc mounted?")


def booted_at() -> datetime:
    """By the clock as it goes now, to the second."""
    path = Path(settings.CALYPSO_BOOT_ID)
    if path.exists() and path.parts[1] != "proc":
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return datetime.fromtimestamp(int(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)), UTC)


def note_boot() -> int:
    """Records a boot that is new, and the end of the one before it. Returns the number of events."""
    now = boot_id()
    if Boot.objects.filter(pk=now).exists():
        return 0
    with store.writing():
        if Boot.objects.filter(pk=now).exists():
            return 0
        before = Boot.objects.filter(how="").order_by("-position").first()
        changes = [Change(boot_stream(before.id), stopped(before))] if before else []
        fact = BoxBooted(boot=now, booted_at=booted_at(), kernel=platform.release())
        append([*changes, Change(boot_stream(now), fact)], OBSERVER.metadata())
    return len(changes) + 1


def stopped(boot: Boot) -> BoxStopped:
    """How that boot ended, as far as anything tells."""
    mark = read_mark()
    ours = mark if mark.get("boot") == str(boot.id) else {}
    asked = _asked(boot)
    how: How = "unclean"
    because = "Calypso was not told to end: the power failed, the kernel crashed, or the machine was reset."
    if ours.get("going_down"):
        how, because = "clean", "The system was going down when it told Calypso to end."
    elif asked:
        how, because = "clean", "Calypso had asked the system to go down."
    elif ours:
        how, because = "unknown", "Calypso had been stopped before, and nobody saw how the machine stopped."
    return BoxStopped(boot=boot.id, how=how, because=because, seen_at=_seen(ours, boot), asked_by=asked)


def _asked(boot: Boot) -> UUID | None:
    """The operation that had the system go down in that boot: what it asked for was granted."""
    asked = Operation.objects.filter(command__in=COMMANDS, requested_at__gte=boot.booted_at).order_by("-position")
    for operation in asked:
        [step] = operation.plan["steps"]
        if step["done"]["args"]["boot"] == str(boot.id) and operation.steps[0]["state"] in ("done", "observed"):
            return operation.pk
    return None


def _seen(mark: dict[str, Any], boot: Boot) -> datetime | None:
    """The last sign of life of that boot."""
    if "at" in mark:
        return datetime.fromisoformat(mark["at"])
    beats = [at for pair in Heartbeat.objects.values_list("beat_at", "before_at") for at in pair if at]
    return max((at for at in beats if boot.booted_at <= at < booted_at()), default=None)


def read_mark() -> dict[str, Any]:
    """What the observer left at its orderly end."""
    try:
        found: dict[str, Any] = json.loads(settings.HOME.stop_mark.read_text())
        return found
    except (OSError, ValueError):
        return {}


def mark_stop() -> None:
    """Said at this process's orderly end: in which boot, and whether the whole system goes down."""
    try:
        mark = {"boot": str(boot_id()), "at": timezone.now().isoformat(), "going_down": False}
        _write_mark(mark)
        if going_down():
            _write_mark(mark | {"going_down": True})
    except OSError as error:
        log.error("the orderly end could not be marked", error=str(error))


def _write_mark(mark: dict[str, Any]) -> None:
    draft = settings.HOME.stop_mark.with_suffix(".new")
    draft.write_text(json.dumps(mark))
    draft.replace(settings.HOME.stop_mark)


def forget_mark() -> None:
    """Said at a start: if the machine stops without another mark, it did so without order."""
    if read_mark().get("boot") == str(boot_id()):
        settings.HOME.stop_mark.unlink(missing_ok=True)


def going_down() -> bool:
    """Whether logind prepares for shutdown; False where nobody tells."""
    request = Request(
        destination=LOGIN1,
        path="/org/freedesktop/login1",
        interface="org.freedesktop.DBus.Properties",
        member="Get",
        signature="ss",
        body=(f"{LOGIN1}.Manager", "PreparingForShutdown"),
    )
    try:
        return bool(bus.read(request, deadline=ASK_SECONDS)[0])
    except CalypsoError as error:
        log.info("nobody tells whether the system goes down", error=error.message)
        return False


@box.probe("system.went_down")
def went_down(args: dict[str, Any], since: float) -> bool | None:
    """Whether the machine was booted anew since, or goes down now."""
    return str(boot_id()) != args["boot"] or going_down()


@bus.names_errors_of(LOGIN1)
def named(request: Request, refused: bus.Refused) -> CalypsoError | None:
    if refused.name.endswith("OperationInProgress"):
        return Conflict("The box is already going down.", code="power_in_progress")
    if refused.name.endswith("BlockedByInhibitorLock"):
        return Conflict(
            "A program on the box asks that it is not switched off now.",
            code="power_inhibited",
            hint="See systemd-inhibit --list on the box, and end what holds it.",
        )
    return None
