"""The tools that Calypso works with beside ZFS: by which signs one knows that they are there and run. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from calypso.kernel.health import Health


@dataclass(frozen=True)
class Integration:
    """``tools``: programs that come with it. ``daemons``: programs that run as processes of the same name.

    ``core``: a path that is there while its part in the kernel is loaded, or "".
    """

    name: str
    title: str
    tools: tuple[str, ...]
    daemons: tuple[str, ...]
    units: tuple[str, ...]
    core: str = ""


@dataclass(frozen=True)
class Signs:
    """What was found of one: programs, units and processes by name; ``core``: its part in the kernel is loaded.

    ``services``: its loaded units and how active they are, in systemd's words.
    """

    programs: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    core: bool = False
    services: tuple[tuple[str, str], ...] = ()

    def services_that(self, *are: str) -> list[str]:
        return [unit for unit, active in self.services if active in are]


INTEGRATIONS = (
    Integration(
        "scst",
        "SCST",
        tools=("scstadmin",),
        daemons=("iscsi-scstd",),
        units=("scst.service", "iscsi-scst.service"),
        core="/sys/kernel/scst_tgt",
    ),
    Integration(
        "bacula",
        "Bacula",
        tools=(),  # a console alone is no Bacula here
        daemons=("bacula-dir", "bacula-sd", "bacula-fd", "bareos-dir", "bareos-sd", "bareos-fd"),
        units=(
            "bacula-director.service",
            "bacula-dir.service",
            "bacula-sd.service",
            "bacula-fd.service",
            "bareos-director.service",
            "bareos-dir.service",
            "bareos-storage.service",
            "bareos-filedaemon.service",
        ),
    ),
    Integration(
        "vtl",
        "MHVTL",
        tools=("vtlcmd",),
        daemons=("vtllibrary", "vtltape"),
        units=("mhvtl.target", "vtllibrary@.service", "vtltape@.service"),
    ),
)


def judge(one: Integration, signs: Signs) -> Health:
    """How it is, as far as its signs tell."""
    evidence = {
        "programs": list(signs.programs),
        "units": list(signs.units),
        "services": dict(signs.services),
        "processes": list(signs.processes),
        **({"kernel_module": signs.core} if one.core else {}),
    }
    if not (signs.programs or signs.units or signs.services or signs.core):
        return Health(state="not_installed", message=f"{one.title} is not on this machine.", evidence=evidence)
    failed = signs.services_that("failed")
    if not signs.processes and not signs.core and not signs.services_that("active", "activating", "reloading"):
        units = ", ".join(failed or signs.units or [unit for unit, _ in signs.services])
        return Health(
            state="failed" if failed else "stopped",
            message=f"{one.title} has failed: {units}." if failed else f"{one.title} is installed, but does not run.",
            evidence=evidence,
            advice=f"See the log of {units}, then start it." if failed else f"Start its services: {units}.",
        )
    if lacks := failed or _missing(one, signs):
        return Health(
            state="degraded",
            message=f"{one.title} runs only in part. Not running: {', '.join(lacks)}.",
            evidence=evidence,
            advice="Start the services of what is missing, and see their logs.",
        )
    return Health(state="ok", message=f"{one.title} runs.", evidence=evidence)


def _missing(one: Integration, signs: Signs) -> list[str]:
    """Of a running one: programs that are there but have no process, and its part in the kernel."""
    idle = [name for name in one.daemons if name in signs.programs and name not in signs.processes]
    core_missing = bool(one.core) and not signs.core and bool(signs.processes)
    return [*idle, *(["its part in the kernel"] if core_missing else [])]
