"""Makes and removes the archives of support bundles. Each step may be repeated after a crash."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import time
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import orjson
from django.conf import settings

from apps.system.domain.bundles import BundledFile, SupportBundleMade
from apps.system.files import archive_of
from calypso.kernel import box, bundles, commands
from calypso.kernel.errors import Conflict
from calypso.kernel.events import Change
from calypso.kernel.models import Operation

ROOM = 512 * 1024 * 1024  # bytes that must be free: a database without room stops


def _work(bundle: str) -> Path:
    folder: Path = settings.HOME.bundles
    return folder / f"{UUID(bundle)}.work"


@box.call("system.gather")
def gather(bundle: str, part: str, files: list[str], hours: int) -> None:
    """Writes a part's files into the bundle's folder. Raises Conflict where there is no room."""
    if shutil.disk_usage(settings.HOME.root).free < ROOM:
        raise Conflict("There is too little room for a support bundle.", code="no_room", hint="See /health/disk.")
    folder = _work(bundle) / part
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in files:
        (folder / file).write_bytes(bundles.content(part, file, hours))


@box.call("system.pack")
def pack(bundle: str) -> None:
    """One archive of the files, with a list of them; the folder goes."""
    work, archive = _work(bundle), archive_of(UUID(bundle))
    if work.is_dir():
        draft = archive.with_suffix(".new")
        with draft.open("wb") as raw:
            os.fchmod(raw.fileno(), 0o600)
            _write(raw, work)
            raw.flush()
            os.fsync(raw.fileno())
        _give_to_owner(draft)
        draft.replace(archive)
        shutil.rmtree(work)
    elif not archive.is_file():
        raise Conflict("What was gathered is gone.", code="bundle_lost", hint="Make another bundle.")


def _write(raw: io.BufferedWriter, work: Path) -> None:
    with gzip.GzipFile(fileobj=raw, mode="wb") as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(work.rglob("*")):
            if path.is_file():
                _add(tar, str(path.relative_to(work)), path.read_bytes())
        _add(tar, "manifest.json", orjson.dumps(_files(work), option=orjson.OPT_INDENT_2))


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(f"calypso-support/{name}")
    entry.size, entry.mode, entry.mtime = len(data), 0o600, int(time.time())
    tar.addfile(entry, io.BytesIO(data))


def _files(work: Path) -> list[dict[str, object]]:
    found = [(str(path.relative_to(work)), path.read_bytes()) for path in sorted(work.rglob("*")) if path.is_file()]
    return [{"path": path, "bytes": len(data), "sha256": sha256(data).hexdigest()} for path, data in found]


def _give_to_owner(path: Path) -> None:
    """The worker is root where the web process, which hands it out, is not."""
    owner = settings.HOME.root.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


@box.call("system.remove_bundle")
def remove(bundle: str) -> None:
    archive_of(UUID(bundle)).unlink(missing_ok=True)


@box.finds("system.MakeSupportBundle")
def made(operation: Operation) -> list[Change]:
    """The archive as it is."""
    bundle = commands.mint(operation.pk, "bundle")
    data = archive_of(bundle).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        manifest = tar.extractfile("calypso-support/manifest.json")
        assert manifest is not None
        files = tuple(BundledFile.model_validate(each) for each in orjson.loads(manifest.read()))
    fact = SupportBundleMade(bundle=bundle, bytes=len(data), sha256=sha256(data).hexdigest(), files=files)
    return [Change(bundle, fact)]


@box.leaves("system.MakeSupportBundle")
def unmade(operation: Operation) -> list[Change]:
    """Nothing is left of a bundle that did not become one."""
    bundle = commands.mint(operation.pk, "bundle")
    shutil.rmtree(_work(str(bundle)), ignore_errors=True)
    archive_of(bundle).unlink(missing_ok=True)
    return []
