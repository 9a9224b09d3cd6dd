"""Reads the box's network through its tools and files: the one way for scans, probes and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.system.adapters import ethtool, ifupdown, ip, networkmanager, rollback
from apps.system.adapters.ip import SeenLink
from apps.system.adapters.netplan import commands as netplan_commands
from apps.system.adapters.netplan import config as netplan
from apps.system.adapters.network_files import Configured, FileEdit, Link, Wish
from apps.system.adapters.rollback import TrialState
from apps.system.compare.network import SeenInterface
from apps.system.domain.network import Renderer, SeenRoute
from calypso.kernel import box, files, shell
from calypso.kernel.errors import CalypsoError, Conflict, ToolGarbage, ToolMissing

DEADLINE = 20.0  # seconds
CARDS = ("ethernet", "veth")  # what ethtool has something to tell of

for _renderer in (netplan, networkmanager, ifupdown):
    files.edit(_renderer.EDIT)(_renderer.edited)


@box.names_errors_of("ip")
def ip_error(result: shell.Result) -> CalypsoError:
    return ip.error_from(result.exit_code, result.stdout, result.stderr)


@box.names_errors_of("netplan")
def netplan_error(result: shell.Result) -> CalypsoError:
    return netplan_commands.error_from(result.exit_code, result.stdout, result.stderr)


@box.names_errors_of(rollback.TOOL)
def rollback_error(result: shell.Result) -> CalypsoError:
    return rollback.error_from(result.exit_code, result.stdout, result.stderr)


def read(argv: Sequence[str]) -> str:
    """What a reading command prints. Raises the tool's named error, ToolMissing, ToolTimeout or ToolGarbage."""
    result = shell.run(argv, deadline=DEADLINE)
    if not result.ok:
        raise box.named_error(result)
    if result.truncated:
        raise ToolGarbage(f"{argv[0]} printed more than Calypso reads ({result.output_bytes} bytes).")
    return result.stdout


# --- interfaces and routes --------------------------------------------------------------------------------------------


def links() -> tuple[SeenLink, ...]:
    return ip.parse_addresses(read(ip.addresses_argv()))


def routes() -> tuple[SeenRoute, ...]:
    return (*ip.parse_routes(read(ip.routes_argv("4")), "4"), *ip.parse_routes(read(ip.routes_argv("6")), "6"))


def card(link: SeenLink) -> SeenInterface:
    """With what ethtool tells; a card, or a machine, without it tells nothing."""
    if link.kind not in CARDS or link.name.startswith("-") or shell.find("ethtool") is None:
        return SeenInterface(link, ethtool.Settings(), ethtool.Driver())
    settings = ethtool.Settings()
    for json in (True, False):  # releases before 6.10 refuse --json here
        result = shell.run(ethtool.settings_argv(link.name, json=json), deadline=DEADLINE)
        if result.ok:
            settings = ethtool.parse_settings(result.stdout)
            break
    driver = shell.run(ethtool.driver_argv(link.name), deadline=DEADLINE)
    return SeenInterface(link, settings, ethtool.parse_driver(driver.stdout if driver.ok else ""))


# --- configuration ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Configuration:
    """What configures the network, its files' texts, and why there is no answer."""

    renderer: Renderer
    texts: Mapping[str, str]
    backend: str = ""
    code: str = ""
    message: str = ""


def configuration() -> Configuration:
    """Found out from what the box has: netplan's files come first, for netplan writes those of the others."""
    if texts := _texts(netplan.FOLDER, ".yaml"):
        try:
            return Configuration("netplan", texts, backend=netplan.backend(texts))
        except Conflict as error:
            return Configuration("netplan", texts, code=error.code, message=error.message)
    texts = _texts(networkmanager.FOLDER, networkmanager.ENDING)
    if texts and shell.find("nmcli"):
        return Configuration("networkmanager", texts, backend="NetworkManager")
    texts = _interfaces()
    if ifupdown.has_interfaces(texts) and shell.find("ifup"):
        return Configuration("ifupdown", texts, backend="ifupdown")
    words = "Neither netplan, nor NetworkManager, nor /etc/network/interfaces configures this network."
    return Configuration("none", {}, code="no_renderer", message=words)


def _interfaces() -> dict[str, str]:
    """The main file, and those of its folder where it reads them."""
    main = files.read(ifupdown.MAIN)
    if main is None:
        return {}
    return {ifupdown.MAIN: main} | (_texts(ifupdown.FOLDER, "") if ifupdown.includes_folder(main) else {})


def _texts(folder: str, ending: str) -> dict[str, str]:
    names = [name for name in files.names(folder) if name.endswith(ending) and "/." not in name]
    return {name: text for name in names if (text := files.read(name)) is not None}


def configured(found: Configuration, known: Sequence[Link]) -> dict[str, Configured]:
    """The interfaces that the files speak of. Raises Conflict where they can't be read."""
    if found.renderer == "netplan":
        return netplan.configured(found.texts, known)
    if found.renderer == "networkmanager":
        return networkmanager.configured(found.texts, known)
    return ifupdown.configured(found.texts)


def edits(found: Configuration, known: Sequence[Link], wish: Wish) -> list[FileEdit]:
    """What is to be written into which file."""
    if found.renderer == "netplan":
        return netplan.edits(found.texts, known, wish)
    if found.renderer == "networkmanager":
        return networkmanager.edits(found.texts, known, wish)
    return ifupdown.edits(found.texts, wish)


# --- changes on trial -------------------------------------------------------------------------------------------------


def trials() -> dict[UUID, TrialState]:
    """The changes that the box has on record. None where the program never ran."""
    try:
        return rollback.parse_status(read(rollback.status_argv()))
    except ToolMissing:
        return {}
