"""What the files of every renderer come to: interfaces as configured, and edits of files. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.system.domain.network_changes import InterfaceConfig

Files = Mapping[str, str]  # path → text


@dataclass(frozen=True)
class Link:
    """An interface of the box by what files may know it by."""

    name: str
    mac: str = ""


@dataclass(frozen=True)
class Configured:
    """An interface's configuration, and where it stands.

    ``key``: its name within the files. ``shared``: the files speak of several interfaces at once, by a pattern.
    """

    config: InterfaceConfig
    files: tuple[str, ...]
    key: str = ""
    shared: bool = False


@dataclass(frozen=True)
class FileEdit:
    """One file's edit by a registered function (kernel/files.py); ``mode`` of a file that is made."""

    path: str
    edit: str
    args: dict[str, Any] = field(default_factory=dict)
    mode: int = 0o644


@dataclass(frozen=True)
class Wish:
    """How interfaces are to be, each whole, and which are to be no more."""

    interfaces: Sequence[InterfaceConfig]
    removed: Sequence[str] = ()
