"""The health of the machine beneath, and of the tools whose contexts have not begun yet."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from django.conf import settings

from apps.system.compare.time import WHY
from apps.system.domain.integrations import INTEGRATIONS, Integration, Signs, judge
from apps.system.domain.room import Room, judge_room
from apps.system.models.integrations import IntegrationSample
from apps.system.models.services import Service
from apps.system.models.time import ClockSample, TimeState
from calypso.kernel.health import Health, check


def integration(one: Integration) -> Health:
    """As at the observer's last look."""
    sample = IntegrationSample.objects.filter(pk=one.name).first()
    if sample is None:
        return Health(state="unknown", message=f"Nobody has looked for {one.title} yet.")
    services = Service.objects.filter(part=one.title, load="loaded").order_by("unit").values_list("unit", "active")
    signs = Signs(tuple(sample.programs), tuple(sample.units), tuple(sample.processes), sample.core, tuple(services))
    found = judge(one, signs)
    return found.model_copy(update={"evidence": {**found.evidence, "looked_at": sample.looked_at}})


for _one in INTEGRATIONS:
    check(_one.name)(partial(integration, _one))


@check("disk")
def disk() -> Health:
    """Room where Calypso itself writes; pools have alerts of their own."""
    return judge_room([room(path) for path in (settings.HOME.root, Path("/"))])


def room(path: Path) -> Room:
    """What the kernel knows of the file system there: no device is asked."""
    found = os.statvfs(path)
    return Room(
        path=str(path),
        total=found.f_blocks * found.f_frsize,
        free=found.f_bavail * found.f_frsize,
        files=found.f_files,
        files_free=found.f_favail,
        read_only=bool(found.f_flag & os.ST_RDONLY),
    )


@check("time")
def clock() -> Health:
    """The clock, as the observer last saw it: kept by a service, and in step with something."""
    state = TimeState.objects.filter(pk="time").first()
    if state is None or (state.synchronised is None and not state.code):
        return Health(state="unknown", message="The clock has not been looked at yet.")
    figures = ClockSample.objects.filter(pk="clock").values("offset", "sampled_at").first()
    evidence = {
        "timezone": state.timezone,
        "service": state.service,
        "ntp": state.ntp,
        "running": state.running,
        "synchronised": state.synchronised,
        "reference": state.reference,
        "stratum": state.stratum,
        "code": state.code,
        **(figures or {}),
    }
    if state.synchronised:
        reference = state.reference or state.service
        return Health(state="ok", message=f"The clock follows {reference}.", since=state.since, evidence=evidence)
    why, advice = WHY.get(state.why, ("The clock follows nothing.", "Switch NTP on, and name servers for it."))
    return Health(
        state="degraded" if state.running or state.code else "stopped",
        message=state.message or why,
        since=state.since,
        evidence=evidence,
        advice=advice,
    )
