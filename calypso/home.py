"""The folder that holds all state of one Calypso: its paths, its version, its secrets, its configuration file.

It knows nothing of Django: settings are read from here, and a refusal comes out as one line before Django loads.
"""

from __future__ import annotations

import fcntl
import os
import secrets as randomness
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent

#: Raised with every change of the data folder that an older program can't read.
FORMAT = 1

SECRET_NAMES = ("SECRET_KEY", "DATABASE_PASSWORD", "JWT_SIGNING_KEY", "FINGERPRINT_KEY", "VAULT_KEY")


class Refused(Exception):
    """Calypso can't start. The text is one line that says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Home:
    """Paths below one data folder."""

    root: Path

    @property
    def db(self) -> Path:
        """PostgreSQL's own folder."""
        return self.root / "db"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Locks, and what must not outlive the machine's boot."""
        return self.root / "run"

    @property
    def operations(self) -> Path:
        """Output of the steps of running operations."""
        return self.run / "operations"

    @property
    def lab(self) -> Path:
        """State of the simulated box."""
        return self.root / "lab"

    @property
    def bundles(self) -> Path:
        """Support bundles."""
        return self.root / "bundles"

    @property
    def stop_mark(self) -> Path:
        """What the observer leaves at its orderly end; it outlives the machine's boot."""
        return self.root / "stopped.json"

    @property
    def vault(self) -> Path:
        """Secrets that are kept, each in a file of its own, encrypted with VAULT_KEY."""
        return self.root / "vault"

    @property
    def backups(self) -> Path:
        """What Calypso replaced on the box: earlier configuration files."""
        return self.root / "backups"

    @property
    def version_file(self) -> Path:
        return self.root / "version"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.env"

    @property
    def config_file(self) -> Path:
        return self.root / "calypso.yaml"

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.db, self.logs, self.run, self.operations, self.lab, self.vault, self.backups, self.bundles)


def current() -> Home:
    """The data folder of this process: CALYPSO_HOME, or ``.calypso`` beside manage.py."""
    return Home(Path(os.environ.get("CALYPSO_HOME") or CHECKOUT / ".calypso").absolute())


def prepare(home: Home) -> None:
    """Makes what is missing of the folder. Raises Refused for a folder that is newer, or that can't be written."""
    refuse_newer(home)
    try:
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in home.folders:
            folder.mkdir(exist_ok=True, mode=0o700)
        _write_once(home.secrets_file, _new_secrets(SECRET_NAMES))
        _add_missing_secrets(home)
        _write_once(home.version_file, f"{FORMAT}\n")
        (home.run / "writable").write_text("")  # a read-only file system shows itself only here
    except OSError as error:
        raise Refused(
            f"Can't write to the data folder {home.root} ({error.strerror}): "
            "make it writable for this user, or set CALYPSO_HOME to another folder."
        ) from error


def refuse_newer(home: Home) -> None:
    """Raises Refused when a newer Calypso has written the folder."""
    try:
        found = int(home.version_file.read_text().strip() or 0)
    except (FileNotFoundError, NotADirectoryError):
        return  # the second shows itself again when the folder is made
    except (OSError, ValueError) as error:
        raise Refused(f"Can't read {home.version_file} ({error}): restore it, or set CALYPSO_HOME.") from error
    if found > FORMAT:
        raise Refused(
            f"The data folder {home.root} was written by a newer Calypso (format {found}, this one reads {FORMAT}): "
            "start the newer version, or set CALYPSO_HOME to another folder."
        )


def secrets(home: Home) -> dict[str, str]:
    """The generated secrets. Linters and the like load settings without a data folder and get throw-away ones."""
    try:
        lines = home.secrets_file.read_text().splitlines()
    except OSError:
        return {name: randomness.token_urlsafe(48) for name in SECRET_NAMES}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def config(home: Home) -> dict[str, Any]:
    """calypso.yaml as a mapping with dotted keys: ``{"database.url": …, "allowed_hosts": […]}``."""
    if not home.config_file.is_file():
        return {}
    import yaml

    try:
        return _dotted(yaml.safe_load(home.config_file.read_text()) or {})
    except (OSError, yaml.YAMLError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise Refused(f"Can't read {home.config_file} ({reason}): correct or remove it.") from error


def port(wish: object) -> int:
    """A TCP port from the environment or calypso.yaml."""
    if str(wish).isdecimal() and 0 < int(str(wish)) < 65536:
        return int(str(wish))
    raise Refused(f"{wish!r} is no port: set CALYPSO_PORT to a number from 1 to 65535.")


def _dotted(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _dotted(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _new_secrets(names: Iterable[str]) -> str:
    return "".join(f"{name}={randomness.token_urlsafe(48)}\n" for name in names)


def _add_missing_secrets(home: Home) -> None:
    """An older Calypso's file gets the names that are new since; what stands in it stays, byte for byte."""
    if not set(SECRET_NAMES) - secrets(home).keys():
        return
    with (home.run / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        present, text = secrets(home), home.secrets_file.read_text()
        added = _new_secrets(name for name in SECRET_NAMES if name not in present)
        if added:
            draft = home.secrets_file.with_name(f"{home.secrets_file.name}.{os.getpid()}")
            _write_draft(draft, text + ("" if text.endswith("\n") or not text else "\n") + added)
            draft.replace(home.secrets_file)


def _write_draft(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _write_once(path: Path, text: str) -> None:
    """Makes the file with mode 0600 unless it exists; two first starts at once agree on one content."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    _write_draft(draft, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
