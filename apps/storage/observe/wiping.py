"""What the executor asks of the box while a disk is wiped."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.storage import devices
from apps.storage.adapters import erasing
from apps.storage.commands.disks import WipeDisk
from apps.storage.domain.disks import disk_stream
from apps.storage.domain.wiping import DiskWipeAborted, DiskWiped
from apps.storage.models.pools import Pool
from apps.storage.plans.disks import WIPABLE
from calypso.kernel import box, shell
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.models import Operation, OperationProgress
from calypso.kernel.progress import Progress, progress_of

DEADLINE = 120.0  # seconds, for a list of signatures


@box.names_errors_of("wipefs")
@box.names_errors_of("blkdiscard")
@box.names_errors_of("dd")
@box.names_errors_of("cmp")
def named(result: shell.Result) -> CalypsoError:
    return erasing.error_from(result.argv, result.stdout, result.stderr)


def signatures(path: str) -> tuple[str, ...]:
    """What is recognisable on the disk. Raises the tool's named error."""
    result = shell.run(erasing.signatures_argv(path), deadline=DEADLINE)
    if not result.ok:
        raise named(result)
    return erasing.parse_signatures(result.stdout)


@box.probe("storage.no_signatures")
def no_signatures(args: dict[str, Any], since: float) -> bool:
    return not signatures(args["path"])


@box.call("storage.check_blank")
def check_blank(path: str) -> None:
    """Raises NotBlank when something is still recognisable on the disk."""
    if found := signatures(path):
        raise erasing.NotBlank(
            f"Something is still recognisable on the disk: {', '.join(found)}.",
            hint="Wipe it once more; take the method zero if it comes back.",
        )


@box.probe("storage.to_do_again")
def to_do_again(args: dict[str, Any], since: float) -> bool | None:
    """Never done, so that it is done again; not when somebody has taken the disk meanwhile, which None says."""
    disk = next((d for d in devices.all_disks(settings.CALYPSO_LAB) if d.id == args["disk"]), None)
    if disk is None or disk.system or disk.id in Pool.objects.members():
        return None
    return None if any(use.kind not in WIPABLE for use in disk.uses) else False


@box.leaves(WipeDisk.NAME)
def half_wiped(operation: Operation) -> list[Change]:
    """The truth about a disk whose wipe did not come to its end: what was overwritten is gone."""
    begun = [(at, step) for at, step in enumerate(operation.steps) if step["state"] != "waiting"]
    if not begun or (len(begun) == 1 and erasing.refused(begun[0][1].get("stderr", ""))):
        return []  # the first tool left the disk as it was
    at, step = begun[-1]
    wish = DiskWiped.model_validate(operation.plan["outcome"][0]["data"])
    sample = OperationProgress.objects.filter(pk=operation.pk, step=at).first()
    fact = DiskWipeAborted(**wish.model_dump(), step=step["title"], done=sample.done if sample else None)
    return [Change(disk_stream(wish.disk), fact)]


@progress_of("dd")
def dd_progress(argv: tuple[str, ...], printed: str, pid: int) -> Progress | None:
    return erasing.dd_progress(argv, printed)


@progress_of("blkdiscard")
def discard_progress(argv: tuple[str, ...], printed: str, pid: int) -> Progress | None:
    return erasing.discard_progress(argv, printed)


@progress_of("cmp")
def compare_progress(argv: tuple[str, ...], printed: str, pid: int) -> Progress | None:
    """cmp says nothing until its end: how far it has read stands in the kernel's table of its open files."""
    length, path = int(argv[argv.index("-n") + 1]), os.path.realpath(argv[-1])
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if os.path.realpath(link) == path:
            pos = re.search(r"pos:\s*([0-9]+)", Path(f"/proc/{pid}/fdinfo/{link.name}").read_text())
            return Progress.of(done=int(pos[1]), total=length, rate=None) if pos else None
    return None
