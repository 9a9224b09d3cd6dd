"""A wish about disks and the observed state → a plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apps.storage.adapters import erasing, ledctl
from apps.storage.adapters.smartctl import argv as smartctl
from apps.storage.domain.disks import disk_address, disk_stream
from apps.storage.domain.smart import SelfTestAborted, SelfTestStarted
from apps.storage.domain.wiping import DiskWiped, LocateLightSwitched, WipeMethod
from apps.storage.plans.facts import DiskFacts
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Call, Destroys, Outcome, Plan, Probe, Run, Step

SelfTestAction = Literal["short", "long", "abort"]

SMART_DEADLINE, LIGHT_DEADLINE, SIGNATURES_DEADLINE = 60.0, 30.0, 120.0  # seconds
SLOWEST = 5_000_000  # bytes a second that a disk is overwritten with at the least
END = 32 * 1024 * 1024  # bytes at each end of a disk, where labels of ZFS, md and GPT lie
# What is on a disk that may be wiped: traces. A disk that is used now shows mounted or holder as well.
WIPABLE = frozenset({"partition_table", "filesystem", "zfs_member", "lvm", "raid", "encrypted", "swap", "loop_backing"})


@dataclass(frozen=True)
class SmartFacts:
    """What the last look at a disk's SMART data told. ``state`` as in DiskSmart, "" when nobody has looked yet."""

    state: str = ""
    self_test: str = ""


def run_self_test(disk: DiskFacts, smart: SmartFacts, test: SelfTestAction, lab: bool) -> Plan:
    """`smartctl -t` or `-X`; the disk does the rest by itself."""
    check_scope(disk, lab)
    if smart.state == "unsupported":
        raise Conflict(
            f"{disk.id} has no SMART, and so no self-tests.", code="smart_unsupported", hint="Virtual disks have none."
        )
    if test == "abort" and not smart.self_test:
        raise Conflict(f"No self-test of {disk.id} is running.", code="no_self_test", hint="Nothing is to be done.")
    if test != "abort" and smart.self_test:
        raise Conflict(
            f"A self-test of {disk.id} is running.", code="self_test_running", hint="Wait for its end, or abort it."
        )
    aborts = test == "abort"
    title = f"Abort the self-test of {disk.id}" if test == "abort" else f"Start a {test} self-test of {disk.id}"
    argv = smartctl.abort_argv(disk.path) if test == "abort" else smartctl.test_argv(disk.path, test)
    step = Run(
        title=title,
        argv=tuple(argv),
        deadline=SMART_DEADLINE,
        done=Probe(name="storage.self_test", args={"path": disk.path, "runs": not aborts}),
    )
    fact = SelfTestAborted(disk=disk.id) if test == "abort" else SelfTestStarted(disk=disk.id, kind=test)
    return Plan(
        title=title,
        resources=(disk_address(disk.id),),
        steps=(
            step,
            Call(title="Look at what the disk tells", function="storage.look_at_smart", args={"disk": disk.id}),
        ),
        outcome=(Outcome.of(disk_stream(disk.id), fact),),
        warnings=() if aborts else ("The disk stays in use meanwhile, and may be a little slower.",),
    )


def wipe_disk(disk: DiskFacts, method: WipeMethod, lab: bool) -> Plan:
    """Empties a disk that nobody uses. Raises Conflict for one that somebody does, and says who."""
    check_scope(disk, lab)
    check_free(disk)
    wiped = DiskWiped(disk=disk.id, serial=disk.serial, method=method, size=disk.size)
    uses = [f"{kind} {name}".strip().replace("_", " ") for kind, name in disk.uses if kind != "loop_backing"]
    return Plan(
        title=f"Wipe {disk.id} ({_METHODS[method]})",
        resources=(disk_address(disk.id),),
        steps=_wipe_steps(disk, method),
        outcome=(Outcome.of(disk_stream(disk.id), wiped),),
        destroys=Destroys(names=(disk.id,), what="disks", bytes=disk.size),
        confirm=disk.serial or disk.id,
        warnings=(
            f"On it now: {', '.join(uses) or 'nothing that is known'}. It goes, whatever it is then.",
            "Calypso can't undo this. A wipe that is stopped half-way leaves the disk partly overwritten.",
            _WORTH[method],
        ),
    )


_METHODS: dict[WipeMethod, str] = {
    "quick": "signatures and both ends",
    "discard": "discard of all blocks",
    "zero": "zeros over all of it",
}
_WORTH: dict[WipeMethod, str] = {
    "quick": "The disk becomes blank, but most of the data stays on it: who has the right tools can read it.",
    "discard": "Whether old data can still be read afterwards depends on the disk.",
    "zero": "Each block that the disk shows is overwritten and read back; spare blocks of an SSD are out of reach.",
}


def _wipe_steps(disk: DiskFacts, method: WipeMethod) -> tuple[Step, ...]:
    signatures = Run(
        title="Remove the signatures",
        argv=tuple(erasing.wipe_signatures_argv(disk.path)),
        deadline=SIGNATURES_DEADLINE,
        done=Probe(name="storage.no_signatures", args={"path": disk.path}),
    )
    blank = Call(title="See that the disk is blank", function="storage.check_blank", args={"path": disk.path})
    if method == "discard":  # a disk that knows none refuses it, and then keeps what it has
        return (*_discard(disk), signatures, blank)
    return (signatures, *(_quick(disk) if method == "quick" else _zero(disk)), blank)


def _quick(disk: DiskFacts) -> tuple[Step, ...]:
    if disk.size <= 2 * END:
        return (_overwrite(disk, "Overwrite the disk with zeros", 0, disk.size),)
    return (
        _overwrite(disk, "Overwrite the first 32 MiB", 0, END),
        _overwrite(disk, "Overwrite the last 32 MiB", disk.size - END, END),
    )


def _discard(disk: DiskFacts) -> tuple[Step, ...]:
    return (_again(disk, "Discard all blocks", erasing.discard_argv(disk.path, disk.size), disk.size),)


def _zero(disk: DiskFacts) -> tuple[Step, ...]:
    return (
        _overwrite(disk, "Overwrite the disk with zeros", 0, disk.size),
        _again(disk, "Read the disk back: all zeros", erasing.compare_argv(disk.path, disk.size), disk.size),
    )


def _overwrite(disk: DiskFacts, title: str, start: int, length: int) -> Run:
    return _again(disk, title, erasing.zero_argv(disk.path, start, length), length)


def _again(disk: DiskFacts, title: str, argv: list[str], length: int) -> Run:
    """A step that leaves no mark: after a crash it is done once more, if the disk is still nobody's."""
    return Run(
        title=title,
        argv=tuple(argv),
        deadline=600.0 + length // SLOWEST,
        done=Probe(name="storage.to_do_again", args={"disk": disk.id}),
    )


def locate_disk(disk: DiskFacts, way: str, on: bool, lab: bool) -> Plan:
    """Switches the light at the disk's bay, by the enclosure's attribute in sysfs or by ledctl."""
    check_scope(disk, lab)
    if not way:
        raise Conflict(
            f"{disk.id} is in no bay with a light that can be switched.",
            code="no_locate_light",
            hint="Only disks in a slot of a SES enclosure, or behind a controller that ledctl knows, have one.",
        )
    word = "on" if on else "off"
    note = Call(title="Keep the state of the light", function="storage.note_light", args={"disk": disk.id, "on": on})
    switch: Step = Call(
        title=f"Switch the light {word}", function="storage.switch_light", args={"disk": disk.id, "on": on}
    )
    if way == "ledctl":
        switch = Run(
            title=f"Switch the light {word}",
            argv=tuple(ledctl.locate_argv(disk.path, on)),
            deadline=LIGHT_DEADLINE,
            done=Probe(name="storage.light_unknown", args={}),
        )
    return Plan(
        title=f"Switch the locate light of {disk.id} {word}",
        resources=(disk_address(disk.id),),
        steps=(switch, note),
        outcome=(Outcome.of(disk_stream(disk.id), LocateLightSwitched(disk=disk.id, on=on)),),
    )


def check_scope(disk: DiskFacts, lab: bool) -> None:
    """The lab touches no real disk of the machine that it runs on."""
    if lab and not disk.simulated:
        raise Invalid(
            f"{disk.id} is a real disk of this machine; the lab uses simulated disks only.",
            field="disk",
            code="real_disk",
        )


def check_free(disk: DiskFacts) -> None:
    """Raises Conflict for a disk that somebody uses now."""
    if disk.system:
        raise Conflict(f"{disk.id} holds the running system.", code="system_disk", field="disk")
    if disk.pool:
        raise Conflict(
            f"{disk.id} is in pool “{disk.pool}”.",
            code="disk_in_use",
            field="disk",
            hint="Detach or replace it there, or destroy the pool, first.",
        )
    for kind, name in disk.uses:
        if kind not in WIPABLE:
            raise Conflict(
                f"{disk.id} is in use: {kind.replace('_', ' ')} {name}.".replace(" .", "."),
                code="disk_in_use",
                field="disk",
                hint="Free the disk first.",
            )
    if disk.broken or disk.read_only:
        raise Conflict(f"{disk.id} is {'broken' if disk.broken else 'read-only'}.", code="disk_unusable", field="disk")
