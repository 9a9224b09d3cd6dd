"""The box's own name, and DNS: a wish and what is known → a plan. Pure but for the files that are to change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from apps.system.adapters import resolv, timedate
from apps.system.domain.names import (
    DNS,
    DNS_STREAM,
    HOSTNAME,
    HOSTNAME_STREAM,
    MOST_DNS_SERVERS,
    MOST_DOMAINS,
    DnsChanged,
    DnsWay,
    HostnameChanged,
    checked_dns_servers,
    checked_hostname,
    checked_search,
)
from apps.system.plans.restarting import restart
from calypso.kernel import files
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Ask, Outcome, Plan, Probe, Step

DEADLINE = 30.0  # seconds
HOSTS, EDIT_HOSTS = "/etc/hosts", "system.hosts"
_OWN = re.compile(r"(\s*127\.0\.1\.1\s)([^#\n]*)(.*)", re.DOTALL)


@files.edit(EDIT_HOSTS)
def with_own_name(text: str, old: str, new: str) -> str:
    """hosts(5) with another name for the box itself, in the lines of 127.0.1.1 that Debian writes."""
    return "".join(_renamed(line, old, new) for line in re.findall(r"[^\n]*\n|[^\n]+", text))


def _renamed(line: str, old: str, new: str) -> str:
    if (found := _OWN.fullmatch(line)) is None:
        return line
    names = {old.partition(".")[0]: new.partition(".")[0], old: new}
    parts = re.split(r"(\s+)", found[2])
    return found[1] + "".join(names.get(part, part) for part in parts) + found[3]


def set_hostname(now: str, wish: str, *, drifted: bool = False) -> Plan:
    """``now``: the name that is set; ``drifted``: and not by Calypso. Raises Invalid or Conflict."""
    name = checked_hostname(wish)
    if name == now and not drifted:
        raise Conflict(f"The box is named {name} already.", code="nothing_to_do", field="hostname")
    step = Ask(
        title=f"Name the box {name}",
        deadline=DEADLINE,
        done=Probe(name="system.hostname_is", args={"hostname": name}),
        undo=timedate.set_hostname(now) if now else None,
        **dict(timedate.set_hostname(name)),
    )
    edit = {"old": now, "new": name}
    hosts = files.write_step(f"Put the name into {HOSTS}", HOSTS, EDIT_HOSTS, edit) if now else None
    return Plan(
        title=step.title,
        resources=(HOSTNAME,),
        steps=() if name == now else (hosts, step) if hosts else (step,),
        outcome=(Outcome.of(HOSTNAME_STREAM, HostnameChanged(hostname=name)),),
        warnings=("Other programs learn of the new name when they start again; certificates keep the old one.",),
    )


@dataclass(frozen=True)
class Resolver:
    """How DNS is set, as it was seen."""

    way: DnsWay
    keeper: str
    drifted: bool = False  # servers that were set here are not asked


def set_dns(now: Resolver, servers: Sequence[str], search: Sequence[str]) -> Plan:
    """Raises Invalid, Conflict, or what the file refuses."""
    wanted, domains = checked_dns_servers(servers), checked_search(search)
    if len(wanted) > MOST_DNS_SERVERS or len(domains) > MOST_DOMAINS:
        raise Invalid(f"At most {MOST_DNS_SERVERS} servers and {MOST_DOMAINS} domains.", code="too_many_servers")
    if now.way == "other":
        raise Conflict(
            f"{resolv.RESOLV} is kept by {now.keeper}.",
            code="dns_managed_elsewhere",
            hint="Set the servers there, or have systemd-resolved keep it.",
        )
    by_resolved = now.way == "resolved"
    path = resolv.DROP_IN if by_resolved else resolv.RESOLV
    edit = resolv.EDIT_DROP_IN if by_resolved else resolv.EDIT_RESOLV
    values = {"servers": list(wanted), "search": list(domains)}
    write = files.write_step(f"Name the DNS servers in {path}", path, edit, values)
    if write is None and not now.drifted:
        raise Conflict("DNS is set so already.", code="nothing_to_do")
    steps: list[Step] = [write] if write else []
    if by_resolved:
        steps.append(restart(resolv.UNIT))
    fact = DnsChanged(way=now.way, path=path, servers=wanted, search=domains)
    return Plan(
        title=f"Ask {', '.join(wanted)} for names" if wanted else "Ask no DNS servers of our own",
        resources=(DNS,),
        steps=tuple(steps),
        outcome=(Outcome.of(DNS_STREAM, fact),),
        warnings=_warnings(now, wanted),
    )


def _warnings(now: Resolver, servers: tuple[str, ...]) -> tuple[str, ...]:
    if now.way == "resolved":
        return ("The servers that a network gives by DHCP are asked, too.",)
    return () if servers else ("Without a server no names can be looked up.",)
