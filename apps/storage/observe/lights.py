"""The locate lights at the disks' bays: which there are, whether they are on, and their switch."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from apps.storage.adapters import ledctl
from apps.storage.devices.lights import NoLight, read_light, switch_light, sysfs_path
from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskBay
from calypso.kernel import box, shell
from calypso.kernel.errors import CalypsoError

CONTROLLERS_SECONDS = 1800.0
_controllers: tuple[float, tuple[str, ...]] = (-CONTROLLERS_SECONDS, ())


@box.names_errors_of("ledctl")
def named(result: shell.Result) -> CalypsoError:
    return ledctl.error_from(result.stdout, result.stderr)


def look_at_light(disk: Disk) -> None:
    """Keeps whether the disk's bay has a light, how it is switched, and whether it is on where that can be read."""
    try:
        _keep(disk.id, "sysfs", read_light(disk.name, disk.simulated))
        return
    except NoLight:
        pass
    path = sysfs_path(disk.name)
    if path and any(path.startswith(controller + "/") for controller in _known_controllers()):
        before = DiskBay.objects.filter(pk=disk.id, way="ledctl").first()
        _keep(disk.id, "ledctl", before.on if before else None)
    else:
        DiskBay.objects.filter(pk=disk.id).delete()


def _keep(disk: str, way: str, on: bool | None) -> None:
    DiskBay.objects.update_or_create(disk=disk, defaults={"way": way, "on": on, "sampled_at": timezone.now()})


def _known_controllers() -> tuple[str, ...]:
    """Those whose lights ledctl switches, asked now and then; none where there is no ledctl."""
    global _controllers  # noqa: PLW0603  a cache for one thread
    if time.monotonic() - _controllers[0] >= CONTROLLERS_SECONDS:
        try:
            result = shell.run(ledctl.controllers_argv(), deadline=30.0)
            found = ledctl.parse_controllers(result.stdout) if result.ok else ()
        except CalypsoError:
            found = ()
        _controllers = (time.monotonic(), found)
    return _controllers[1]


class LightGone(CalypsoError):
    code = "no_locate_light"
    status = 409


@box.call("storage.switch_light")
def switch(disk: str, on: bool) -> None:
    """Raises LightGone where the disk is not in a bay with a light any more, or the enclosure does not obey."""
    found = Disk.objects.filter(pk=disk).first()
    try:
        if found is None:
            raise NoLight(disk)
        switch_light(found.name, found.simulated, on)
    except (NoLight, OSError) as error:
        raise LightGone(f"The light of {disk} could not be switched.", detail=str(error)) from error


@box.call("storage.note_light")
def note(disk: str, on: bool) -> None:
    """How the light is now; where it can't be read, how it was switched last."""
    found = Disk.objects.filter(pk=disk).first()
    if found is None:
        return
    try:
        _keep(disk, "sysfs", read_light(found.name, found.simulated))
    except NoLight:
        _keep(disk, "ledctl", on)


@box.probe("storage.light_unknown")
def light_unknown(args: dict[str, Any], since: float) -> bool:
    """ledctl can't be asked; to switch a light twice does no harm."""
    return False
