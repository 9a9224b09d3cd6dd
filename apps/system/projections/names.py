"""The read models of the box's own name and of DNS."""

from __future__ import annotations

from apps.system.domain.names import DnsChanged, DnsSeen, HostnameChanged, HostnameSeen
from apps.system.models.names import DnsState, HostnameState
from calypso.kernel.events import Recorded
from calypso.kernel.projections import Projection, Row, Tables

projection = Projection("names", 1, lambda: [HostnameState, DnsState])

NO_HOST: Row = {"name": "hostname", "code": "", "message": "", "wanted": "", "version": 0}
NO_DNS: Row = {"name": "dns", "keeper": "", "wanted": {}, "version": 0}


@projection.on(HostnameSeen)
def hostname_seen(tables: Tables, e: Recorded[HostnameSeen]) -> None:
    before = tables.get(HostnameState, "hostname") or NO_HOST
    row = {**before, **e.event.model_dump(mode="json"), "version": before["version"] + 1, "position": e.position}
    tables.put(HostnameState, row)


@projection.on(HostnameChanged)
def hostname_changed(tables: Tables, e: Recorded[HostnameChanged]) -> None:
    before, name = tables.get(HostnameState, "hostname") or NO_HOST, e.event.hostname
    row = {**before, "hostname": name, "static": name, "wanted": name}
    tables.put(HostnameState, {**row, "version": before["version"] + 1, "position": e.position})


@projection.on(DnsSeen)
def dns_seen(tables: Tables, e: Recorded[DnsSeen]) -> None:
    before = tables.get(DnsState, "dns") or NO_DNS
    row = {**before, **e.event.model_dump(mode="json"), "version": before["version"] + 1, "position": e.position}
    tables.put(DnsState, row)


@projection.on(DnsChanged)
def dns_changed(tables: Tables, e: Recorded[DnsChanged]) -> None:
    before, fact = tables.get(DnsState, "dns") or NO_DNS, e.event.model_dump(mode="json")
    wanted = {"servers": fact["servers"], "search": fact["search"]}
    row = {**before, **fact, "wanted": wanted, "version": before["version"] + 1, "position": e.position}
    tables.put(DnsState, row)
