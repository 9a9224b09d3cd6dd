"""The clock as it is: what timedated tells, what the service's file names, and whom the clock follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from apps.system.adapters import chrony, ntp_servers, ntpq, timedate
from apps.system.adapters.chrony import Source, Tracking
from apps.system.compare.time import Followed, followed_by_chrony, followed_by_ntpd, time_facts
from apps.system.domain.time import NTP, TIME, TIME_STREAM, TimeSeen, TimeService
from apps.system.models.time import ClockSample, NtpSource, TimeState
from apps.system.observe.asking import Answer, Asked
from apps.system.observe.recording import record
from calypso.kernel import box, bus, files, shell, store
from calypso.kernel.alerts import rules
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change

EVERY_SECONDS = 15.0
DEADLINE = 10.0

_WANTED = "/etc/systemd/system/multi-user.target.wants"  # a service of NTP that is switched on stands there
_CLOCK = Asked(timedate.time_properties, "/etc/localtime", "/etc/adjtime", _WANTED)

log = structlog.get_logger("calypso.system")


def look_and_judge() -> None:
    """The observer's look."""
    count = _look(_CLOCK.latest())
    rules.evaluate_soon("system", changed=count > 0)


@box.observes(TIME, NTP)
def look_for(resources: Sequence[str]) -> int:
    """The look for an operation on the clock."""
    return look_at_time()


def look_at_time() -> int:
    """Records what differs from the read model, and keeps the figures. Returns the number of events."""
    return _look(_CLOCK.now())


def _look(answer: Answer) -> int:
    since = store.position()
    properties, error = answer
    service, path, running, tracking, sources = _service()
    text = _text(path)
    seen = TimeSeen(
        timezone=str(properties.get("Timezone", "")),
        ntp=bool(properties.get("NTP", False)),
        can_ntp=bool(properties.get("CanNTP", False)),
        local_rtc=bool(properties.get("LocalRTC", False)),
        service=service,
        running=running,
        path=path,
        servers=ntp_servers.parse(text),
        code=error.code if error else "",
        message=error.message if error else "",
    )
    kernel = properties.get("NTPSynchronized")
    follows = _followed(seen, tracking, sources, kernel if isinstance(kernel, bool) else None)

    def changes() -> list[Change]:
        row = TimeState.objects.filter(pk="time").first()
        return [Change(TIME_STREAM, fact) for fact in time_facts(row, seen, follows)]

    count = record((TIME, NTP), since, changes)
    _sample(tracking, sources)
    return count


def _text(path: str) -> str:
    try:
        return files.read(path) or "" if path else ""
    except CalypsoError as error:
        log.warning("a time service's file can't be read", path=path, error=error.message)
        return ""


Found = tuple[TimeService, str, bool, Tracking | None, tuple[Source, ...]]


def _service() -> Found:
    """chrony or ntpd: the one that answers, else one that is installed."""
    found = [each for each in (_chrony(), _ntpd()) if each is not None]
    answering = [each for each in found if each[2]]
    return (answering or found or [("", "", False, None, ())])[0]


def _chrony() -> Found | None:
    path = next((path for path in chrony.UNITS if files.exists(path)), "")
    if not path or not (shell.find("chronyc") and shell.find("chronyd")):
        return None
    try:
        tracking = chrony.parse_tracking(_output(chrony.tracking_argv()))
        return "chrony", path, True, tracking, chrony.parse_sources(_output(chrony.sources_argv()))
    except CalypsoError as error:
        log.debug("chrony does not answer", error=error.message, detail=error.detail)
        return "chrony", path, False, None, ()


def _ntpd() -> Found | None:
    path = next((path for path in ntpq.UNITS if files.exists(path)), "")
    if not path or not shell.find("ntpq"):
        return None
    try:
        return "ntp", path, True, None, ntpq.parse_peers(_output(ntpq.peers_argv()))
    except CalypsoError as error:
        log.debug("ntpd does not answer", error=error.message, detail=error.detail)
        return "ntp", path, False, None, ()


def _output(argv: Sequence[str]) -> str:
    result = shell.run(argv, deadline=DEADLINE)
    if not result.ok:
        raise box.named_error(result)
    return result.stdout


def _followed(
    seen: TimeSeen, tracking: Tracking | None, sources: tuple[Source, ...], kernel: bool | None
) -> Followed | None:
    """None: it can't be told."""
    if tracking is not None:
        return followed_by_chrony(tracking)
    if seen.service == "ntp" and seen.running:
        return followed_by_ntpd(sources)
    if kernel:  # another service, systemd-timesyncd say
        return Followed(synchronised=True)
    if kernel is None:
        return None
    if seen.service:
        return Followed(why="not running" if seen.ntp else "off")
    return Followed(why="no answer" if seen.can_ntp and seen.ntp else "off" if seen.can_ntp else "no service")


def _sample(tracking: Tracking | None, sources: tuple[Source, ...]) -> None:
    now = timezone.now()
    rows = [NtpSource(number=number, sampled_at=now, **vars(source)) for number, source in enumerate(sources)]
    with transaction.atomic():
        NtpSource.objects.all().delete()
        NtpSource.objects.bulk_create(rows)
        if tracking is None and not sources:
            ClockSample.objects.all().delete()
            return
        names = ("offset", "last_offset", "rms_offset", "frequency", "skew", "root_delay", "root_dispersion")
        figures: dict[str, Any] = {name: getattr(tracking, name, None) for name in names}
        selected = next((source for source in sources if source.state == "selected"), None)
        if tracking is None and selected is not None:
            figures["offset"] = selected.offset
        figures["leap"] = tracking.leap if tracking else ""
        ClockSample.objects.update_or_create(name="clock", defaults={**figures, "sampled_at": now})


# --- what a step's effect is known by --------------------------------------------------------------------------------


@box.probe("system.timezone_is")
def timezone_is(args: dict[str, Any], since: float) -> bool:
    return bool(_property("Timezone") == args["timezone"])


@box.probe("system.ntp_is")
def ntp_is(args: dict[str, Any], since: float) -> bool:
    return bool(_property("NTP") == args["on"])


def _property(name: str) -> Any:
    return bus.get(timedate.TIME, timedate.TIME_PATH, timedate.TIME, name)
