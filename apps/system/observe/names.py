"""The box's own name and DNS as they are: what hostnamed tells, and what stands in resolv.conf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from apps.system.adapters import resolv, timedate
from apps.system.compare.names import dns_facts, dns_seen, hostname_facts
from apps.system.domain.names import DNS, DNS_STREAM, HOSTNAME, HOSTNAME_STREAM, HostnameSeen
from apps.system.models.names import DnsState, HostnameState
from apps.system.observe.asking import Answer, Asked
from apps.system.observe.recording import record
from calypso.kernel import box, bus, files, store
from calypso.kernel.alerts import rules
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change

EVERY_SECONDS = 30.0

_HOST = Asked(timedate.host_properties, "/etc/hostname")

log = structlog.get_logger("calypso.system")


def look_and_judge() -> None:
    """The observer's look."""
    count = _look_at_hostname(_HOST.latest()) + _look_at_dns()
    rules.evaluate_soon("system", changed=count > 0)


@box.observes(HOSTNAME, DNS)
def look_at_names(resources: Sequence[str]) -> int:
    """Records what differs from the read models. Returns the number of events."""
    return _look_at_hostname(_HOST.now()) + _look_at_dns()


def _look_at_hostname(answer: Answer) -> int:
    since = store.position()
    told, error = answer
    seen = HostnameSeen(hostname=str(told.get("Hostname", "")), static=str(told.get("StaticHostname", "")))
    if error is not None:
        known = HostnameState.objects.filter(pk="hostname").first()
        names = {"hostname": known.hostname if known else "", "static": known.static if known else ""}
        seen = HostnameSeen(code=error.code, message=error.message, **names)

    def changes() -> list[Change]:
        row = HostnameState.objects.filter(pk="hostname").first()
        return [Change(HOSTNAME_STREAM, fact) for fact in hostname_facts(row, seen)]

    return record((HOSTNAME,), since, changes)


def _look_at_dns() -> int:
    """A file that can't be read is no news of DNS."""
    since = store.position()
    try:
        link = files.link_of(resolv.RESOLV)
        seen = dns_seen(link, files.read(resolv.RESOLV) or "", files.read(resolv.UPSTREAM))
    except CalypsoError as error:
        log.warning("resolv.conf can't be read", error=error.message)
        return 0

    def changes() -> list[Change]:
        row = DnsState.objects.filter(pk="dns").first()
        return [Change(DNS_STREAM, fact) for fact in dns_facts(row, seen)]

    return record((DNS,), since, changes)


@box.probe("system.hostname_is")
def hostname_is(args: dict[str, Any], since: float) -> bool:
    now = bus.get(timedate.HOST, timedate.HOST_PATH, timedate.HOST, "StaticHostname")
    return bool(now == args["hostname"])
