"""A wish about interfaces, and what is known of the network → a plan with a way back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.system.adapters import rollback
from apps.system.adapters.netplan import commands as netplan
from apps.system.adapters.network_files import Wish
from apps.system.domain.network import NETWORK, NETWORK_STREAM, interface_address
from apps.system.domain.network_changes import NetworkChangeApplied, NetworkChanged
from apps.system.models.network import NetworkChange
from apps.system.plans.network_addresses import overlapping
from apps.system.plans.network_facts import Caller, Network, NetworkFacts, interface_of
from apps.system.plans.network_path import cut
from calypso.kernel.errors import Conflict
from calypso.kernel.plans import Outcome, Plan, Probe, Run, Step, Write

ARM_DEADLINE, APPLY_DEADLINE, CONFIRM_DEADLINE = 60.0, 180.0, 60.0  # seconds
SECONDS_LEAST, SECONDS_USUAL, SECONDS_MOST = 10, 60, 900


def check_ready(facts: NetworkFacts) -> None:
    """Raises Conflict when no change can be made at all."""
    if facts.renderer == "none":
        raise Conflict(
            facts.problem or "Nothing that Calypso knows configures this box's network.",
            code="no_renderer",
            hint="It knows netplan, NetworkManager and /etc/network/interfaces.",
        )
    if facts.pending:
        raise Conflict(
            "A change of the network is on trial.",
            code="change_pending",
            hint="Confirm it, or take it back, first.",
            change=facts.pending,
        )


def apply(
    change: UUID, wish: Wish, writes: Sequence[Write], facts: NetworkFacts, *, seconds: int, caller: Caller
) -> Plan:
    """Keeps the old files and starts the timer; only then the files are written and put in force."""
    names = [config.name for config in wish.interfaces]
    made = [name for name in names if name not in facts.links and name not in facts.configured]
    files = [write.path for write in writes]
    arm = Run(
        title=f"Have the old configuration return by itself unless this is confirmed in {seconds} s",
        argv=tuple(
            rollback.arm_argv(
                change,
                seconds=seconds,
                renderer=facts.renderer,
                interfaces=names,
                made=made,
                removed=wish.removed,
                files=files,
            )
        ),
        deadline=ARM_DEADLINE,
        done=_is(change, "armed"),
        undo=tuple(rollback.rollback_argv(change, "refused")),
    )
    put_in_force = Run(
        title="Put the new configuration in force",
        argv=tuple(rollback.apply_argv(change)),
        deadline=APPLY_DEADLINE,
        done=_is(change, "applied"),
    )
    fact = NetworkChangeApplied(
        change=change,
        renderer=facts.renderer,
        interfaces=tuple(wish.interfaces),
        removed=tuple(wish.removed),
        seconds=seconds,
        files=tuple(files),
    )
    return Plan(
        title=f"Change {_listed([*names, *wish.removed])} for {seconds} s, for good if confirmed",
        resources=(NETWORK, *(interface_address(name) for name in (*names, *wish.removed))),
        steps=(arm, *writes, *_check(facts), put_in_force),
        outcome=(Outcome.of(NETWORK_STREAM, fact),),
        warnings=tuple(_warnings(wish, facts, caller)),
    )


def _check(facts: NetworkFacts) -> tuple[Step, ...]:
    """Netplan reads all its files together: whether they are right can be told only when they are written."""
    if facts.renderer != "netplan":
        return ()
    return (
        Run(
            title="Let netplan check all its files",
            argv=tuple(netplan.generate_argv()),
            deadline=ARM_DEADLINE,
            done=Probe(name="system.network_to_do_again"),
        ),
    )


def _is(change: UUID, what: str) -> Probe:
    return Probe(name="system.network_change", args={"change": str(change), "is": what})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _warnings(wish: Wish, facts: NetworkFacts, caller: Caller) -> list[str]:
    found = [cut(caller, wish, facts)]
    changed = {config.name for config in wish.interfaces}
    others: list[tuple[str, Network]] = [
        (link.name, own.network)
        for link in facts.links.values()
        if link.name not in changed and link.name not in wish.removed
        for text in link.addresses
        if (own := interface_of(text)) and not own.ip.is_link_local and not own.ip.is_loopback
    ]
    for config in wish.interfaces:
        found += overlapping(config, others)
        parent = facts.links.get(config.parent)
        if parent and config.mtu and config.mtu > parent.mtu:
            found.append(f"{config.name}'s MTU of {config.mtu} is larger than that of {parent.name}, {parent.mtu}.")
    return [warning for warning in found if warning]


def confirm(change: NetworkChange) -> Plan:
    """The new configuration stays."""
    check_pending(change)
    fact = NetworkChanged.model_validate(
        {
            "change": change.id,
            "renderer": change.renderer,
            "interfaces": change.interfaces,
            "removed": change.removed,
        }
    )
    step = Run(
        title="Let the new configuration stay",
        argv=tuple(rollback.confirm_argv(change.id)),
        deadline=CONFIRM_DEADLINE,
        done=_is(change.id, "confirmed"),
    )
    return Plan(
        title=f"Confirm the change of {_listed(names_of(change))}",
        resources=(NETWORK, *map(interface_address, names_of(change))),
        steps=(step,),
        outcome=(Outcome.of(NETWORK_STREAM, fact),),
    )


def revert(change: NetworkChange) -> Plan:
    """The old configuration comes back now. That it is back is told by the box itself."""
    check_pending(change)
    step = Run(
        title="Bring the old configuration back",
        argv=tuple(rollback.rollback_argv(change.id, "asked")),
        deadline=APPLY_DEADLINE,
        done=_is(change.id, "rolled_back"),
    )
    return Plan(
        title=f"Take the change of {_listed(names_of(change))} back",
        resources=(NETWORK, *map(interface_address, names_of(change))),
        steps=(step,),
    )


def names_of(change: NetworkChange) -> list[str]:
    return [*(config["name"] for config in change.interfaces), *change.removed]


def check_pending(change: NetworkChange) -> None:
    """Raises Conflict."""
    if change.state != "pending":
        how = (
            "has been confirmed" if change.state == "confirmed" else "was taken back: the old configuration is in force"
        )
        raise Conflict(
            f"The change {how}.", code="change_over", field="change", hint="Look at the network, and ask anew."
        )
