"""Why a pool is not as it should be, in the tool's words: check_status() of libzfs, print_status() of zpool."""

from __future__ import annotations

from calypso.lab.features import disabled
from calypso.lab.health import Health, leaf_nodes

SEE = "https://openzfs.github.io/openzfs-docs/msg/"
HARMLESS = ("features",)  # `status -x` passes over them
# (status, action, message id) as print_status() in zpool_main.c words them; tabs and line ends as printed.
SUFFICIENT = "\tSufficient replicas exist for the pool to continue functioning in a\n\tdegraded state.\n"
EXPLANATIONS = {
    "resilvering": (
        "One or more devices is currently being resilvered.  The pool will\n"
        "\tcontinue to function, possibly in a degraded state.\n",
        "Wait for the resilver to complete.\n",
        "",
    ),
    "suspended": (
        "One or more devices are faulted in response to IO failures.\n",
        "Make sure the affected devices are connected, then run 'zpool clear'.\n",
        "ZFS-8000-HC",
    ),
    "faulted": (
        "One or more devices are faulted in response to persistent errors.\n" + SUFFICIENT,
        "Replace the faulted device, or use 'zpool clear' to mark the device\n\trepaired.\n",
        "",
    ),
    "errors": (
        "One or more devices has experienced an unrecoverable error.  An\n"
        "\tattempt was made to correct the error.  Applications are unaffected.\n",
        "Determine if the device needs to be replaced, and clear the errors\n"
        "\tusing 'zpool clear' or replace the device with 'zpool replace'.\n",
        "ZFS-8000-9P",
    ),
    "offline": (
        "One or more devices has been taken offline by the administrator.\n" + SUFFICIENT,
        "Online the device using 'zpool online' or replace the device with\n\t'zpool replace'.\n",
        "",
    ),
    "removed": (
        "One or more devices has been removed by the administrator.\n" + SUFFICIENT,
        "Online the device using zpool online' or replace the device with\n\t'zpool replace'.\n",  # quote as printed
        "",
    ),
    "corrupt": (
        "One or more devices has experienced an error resulting in data\n"
        "\tcorruption.  Applications may be affected.\n",
        "Restore the file in question if possible.  Otherwise restore the\n\tentire pool from backup.\n",
        "ZFS-8000-8A",
    ),
    "label": (
        "One or more devices could not be used because the label is missing or\n"
        "\tinvalid.  Sufficient replicas exist for the pool to continue\n\tfunctioning in a degraded state.\n",
        "Replace the device using 'zpool replace'.\n",
        "ZFS-8000-4J",
    ),
    "hostid": (
        "Mismatch between pool hostid and system hostid on imported pool.\n"
        "\tThis pool was previously imported into a system with a different hostid,\n"
        "\tand then was verbatim imported into this system.\n",
        "Export this pool on all systems on which it is imported.\n\tThen import it to correct the mismatch.\n",
        "ZFS-8000-EY",
    ),
    "features": (
        "Some supported and requested features are not enabled on the pool.\n"
        "\tThe pool can still be used, but some features are unavailable.\n",
        "Enable all features using 'zpool upgrade'. Once this is done,\n"
        "\tthe pool may no longer be accessible by software that does not support\n"
        "\tthe features. See zpool-features(7) for details.\n",
        "",
    ),
}


def reason(health: Health) -> str:
    """A key of EXPLANATIONS, or "" when all is well."""
    leaves = [leaf for node in health.tops for leaf in leaf_nodes(node)]
    counted = [*leaves, *(leaf for node in health.others.get("cache", []) for leaf in leaf_nodes(node))]
    rules = (
        ("resilvering", health.scan is not None and health.scan.state == "resilver scanning"),
        ("suspended", health.state == "SUSPENDED"),
        ("corrupt", bool(health.pool["errors"])),
        ("faulted", any(leaf.state == "FAULTED" for leaf in leaves)),
        ("label", any(leaf.state == "CANT_OPEN" for leaf in leaves)),
        ("errors", any(leaf.vdev[kind] for leaf in counted for kind in ("read", "write", "checksum"))),
        ("offline", any(leaf.state == "OFFLINE" for leaf in leaves)),
        ("removed", any(leaf.state == "REMOVED" for leaf in leaves)),
        ("hostid", bool(health.pool.get("foreign_host"))),
        ("features", bool(disabled(health.pool))),
    )
    return next((name for name, holds in rules if holds), "")


def explanation(health: Health) -> tuple[str, str, str] | None:
    """(status, action, message id), or None when all is well."""
    return EXPLANATIONS.get(reason(health))


def ill(health: Health) -> bool:
    """Whether `status -x` names the pool."""
    return reason(health) not in ("", *HARMLESS)
