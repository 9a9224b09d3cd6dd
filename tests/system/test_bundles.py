"""Support bundles: what is listed is what is in them; no secret is; they are bounded, handed out on record, removed."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from apps.system.bundling import journals
from apps.system.files import archive_of
from apps.system.models.bundles import SupportBundle
from apps.system.models.services import Service
from apps.system.observe import bundles as making
from apps.system.plans.bundles import MOST, delete_plan, make_plan
from calypso.kernel import bundles, secrets, shell, store
from calypso.kernel.actors import Role
from calypso.kernel.bundles import Part
from calypso.kernel.errors import ToolMissing
from calypso.kernel.models import Operation
from tests.support import golden_plans
from tests.support.rest import Person, events_after, finish, nothing_recorded, person, types_after

pytestmark = pytest.mark.django_db

BUNDLE = UUID("0e8c2f1d-3b1a-5a70-9f53-7c1f2a9d4b66")
PLANTED = {
    "kept": "correct-horse-battery-4711",
    "database": "pg-Password-of-the-yaml",
    "api": "q8w7e6r5t4-of-some-service",
    "log": "a-passphrase-that-was-logged",
    "journal": "a-token-in-a-journal",
    "bearer": "cal_0123456789abcdefghij",
}


@pytest.fixture
def folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Bundles, logs and secrets of the test's own."""
    for name in ("bundles", "logs", "vault"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(type(settings.HOME), name, tmp_path / name)
    monkeypatch.setattr(shell, "run", journal_of(f"it ran with --token {PLANTED['journal']}"))
    yield tmp_path


@pytest.fixture
def admin(folders: Path) -> Person:
    return person(Role.ADMINISTRATOR)


def journal_of(*messages: str) -> Any:
    """The newest first."""

    def run(argv: Any, **_: Any) -> shell.Result:
        assert argv[0] == "journalctl"
        lines = [entry(message, at) for at, message in zip(range(len(messages), 0, -1), messages, strict=True)]
        return shell.Result(tuple(argv), 0, "".join(lines), "", 0.1, "", 0)

    return run


def entry(message: str, at: int) -> str:
    fields = {"__CURSOR": f"c{at}", "__REALTIME_TIMESTAMP": str(at * 1_000_000), "MESSAGE": list(message.encode())}
    return json.dumps({**fields, "SYSLOG_IDENTIFIER": "zed", "_PID": "1"}) + "\n"


def service(unit: str, part: str) -> None:
    """A unit as systemd shows it."""
    texts = dict.fromkeys(("description", "sub", "file_state", "result", "branch", "wanted"), "")
    numbers = dict.fromkeys(("exit_code", "exit_status", "rank", "changes", "version", "position"), 1)
    Service.objects.create(unit=unit, active="active", load="loaded", part=part, **texts, **numbers)


def make(who: Person, **body: Any) -> dict[str, Any]:
    """The bundle as REST shows it."""
    asked = who.post("/system/support-bundles", {"reason": "ticket 4711", **body})
    assert asked.status == 202, asked
    finish(asked.body["id"])
    operation = Operation.objects.get(pk=asked.body["id"])
    assert operation.state == "succeeded", operation.error
    [found] = who.get("/system/support-bundles").body["items"]
    return dict(found)


def files_of(bundle: str) -> dict[str, bytes]:
    with tarfile.open(archive_of(UUID(bundle))) as tar:
        opened = {member.name.removeprefix("calypso-support/"): tar.extractfile(member) for member in tar}
        return {name: file.read() for name, file in opened.items() if file}


def test_what_is_listed_is_what_is_in_it(admin: Person) -> None:
    with nothing_recorded():
        dry = admin.post("/system/support-bundles?dry_run=true", {}).body
    listed = {f"{s['args']['part']}/{f}" for s in dry["steps"] if "part" in s["args"] for f in s["args"]["files"]}
    assert "secrets are masked" in dry["warnings"][0]
    bundle = make(admin)
    found = files_of(bundle["id"])
    assert set(found) == listed | {"manifest.json"}
    manifest = json.loads(found["manifest.json"])
    assert manifest == bundle["files"]
    for told in manifest:
        assert sha256(found[told["path"]]).hexdigest() == told["sha256"]
    assert {"calypso/versions.json", "calypso/health.json", "storage/pools.json", "machine/machine.json"} <= listed
    assert "journal/time.log" in listed and "logs/worker.jsonl" in listed


def test_it_tells_what_helps(admin: Person) -> None:
    scan = admin.post("/storage/scan", {"reason": "look"}).body["id"]
    found = files_of(make(admin)["id"])
    versions = json.loads(found["calypso/versions.json"])
    assert "PostgreSQL" in versions["postgresql"] and versions["packages"]["Django"]
    assert scan in {operation["id"] for operation in json.loads(found["calypso/operations.json"])}
    ledger = json.loads(found["calypso/ledger.json"])
    assert ledger["size"] > 0 and len(ledger["root"]) == 64 and ledger["signed"] is False
    assert {check["name"] for check in json.loads(found["calypso/health.json"])["checks"]} >= {"worker", "zfs"}
    not_to_be_had = [name for name, data in found.items() if data.startswith(b"Not to be had")]
    assert not_to_be_had == []


def test_planted_secrets_are_nowhere_in_it(admin: Person, folders: Path, settings: Any) -> None:
    settings.CONFIG = {
        "database.url": f"postgresql://calypso:{PLANTED['database']}@db.example/calypso",
        "some.service": PLANTED["api"],
        "allowed_hosts": ["box.example"],
    }
    reference = secrets.reference()
    secrets.put(reference, PLANTED["kept"], once=False)
    lines = [
        {"event": "login", "password": PLANTED["log"]},
        {"event": f"said Authorization: Bearer {PLANTED['bearer']}"},
        {"event": f"a tool printed {PLANTED['kept']} without a word of warning"},
        {"event": "and this is plain"},
    ]
    service("chrony.service", "Time")
    (folders / "logs" / "worker.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    admin.post("/storage/scan", {"reason": f"password={PLANTED['log']} and {PLANTED['kept']}"})
    bundle = make(admin)
    found = files_of(bundle["id"])
    whole = b"\n".join(found.values())
    for name, planted in PLANTED.items():
        assert planted.encode() not in whole, name
    for key, value in settings.SECRETS.items():
        assert value.encode() not in whole, key
    assert b"and this is plain" in found["logs/worker.jsonl"]
    configuration = json.loads(found["calypso/configuration.json"])
    assert configuration["allowed_hosts"] == ["box.example"]
    assert configuration["some.service"] == "•••", "what nobody knows may be a secret"
    assert "db.example" in configuration["database.url"]
    assert b"--token" in found["journal/time.log"]


def test_files_are_bounded_and_cut_at_lines(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "FILE_BYTES", 1000)
    monkeypatch.setattr(journals, "FILE_BYTES", 1000)
    secret = "password=" + "x" * 40
    (folders / "logs" / "web.jsonl").write_text("".join(f"{number:04} {secret}\n" for number in range(500)))
    kept = bundles.content("logs", "web.jsonl", 1)
    assert b"0499" in kept and b"0000" not in kept and b"xxxx" not in kept
    assert len(kept) <= 1000 + len(bundles.CUT.encode())
    monkeypatch.setitem(bundles._parts, "much", Part("much", "Much", ("x",), lambda *_: "ä" * 5000))
    cut = bundles.content("much", "x", 1)
    assert cut.startswith(bundles.CUT.encode()) and len(cut) == 1000 + len(bundles.CUT.encode())


def test_what_can_not_be_told_spoils_nothing_else(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> Any:
        raise ToolMissing("The program “journalctl” is not on this machine.")

    monkeypatch.setattr(shell, "run", missing)
    service("chrony.service", "Time")
    monkeypatch.setitem(bundles._parts, "broken", Part("broken", "Broken", ("x",), lambda *_: 1 / 0))
    found = files_of(make(admin)["id"])
    assert b"journalctl" in found["journal/time.log"]
    assert found["broken/x"].startswith(b"Not to be had: ZeroDivisionError")


def test_it_is_handed_out_on_record_and_removed(admin: Person) -> None:
    bundle = make(admin)
    address = f"/system/support-bundles/{bundle['id']}"
    before = store.position()
    got = admin.client.get(f"/api/v1{address}/download")
    assert got.status_code == 200 and got["Content-Type"] == "application/gzip"
    assert sha256(got.content).hexdigest() == bundle["sha256"] and len(got.content) == bundle["bytes"]
    assert ".tar.gz" in got["Content-Disposition"]
    [event] = events_after(before)
    assert (event.type, event.kind, event.actor) == (
        "system.SupportBundleDownloaded.v1",
        "security",
        "user:administrator",
    )
    finish(admin.delete(f"{address}?reason=solved").body["id"])
    assert not archive_of(UUID(bundle["id"])).exists()
    assert admin.get(address).status == 404
    assert admin.get(f"{address}/download").status == 404
    assert "SupportBundleDeleted" in types_after(before)


def test_an_archive_that_was_removed_by_hand(admin: Person) -> None:
    bundle = make(admin)
    archive_of(UUID(bundle["id"])).unlink()
    lost = admin.get(f"/system/support-bundles/{bundle['id']}/download")
    assert (lost.status, lost.code) == (404, "bundle_lost")
    finish(admin.delete(f"/system/support-bundles/{bundle['id']}").body["id"])
    assert not SupportBundle.objects.exists()


def test_archives_are_private(admin: Person) -> None:
    assert archive_of(UUID(make(admin)["id"])).stat().st_mode & 0o077 == 0


def test_steps_may_be_repeated(folders: Path) -> None:
    bundle = str(BUNDLE)
    for _ in range(2):
        making.gather(bundle, "calypso", ["versions.json"], 1)
    making.pack(bundle)
    first = archive_of(BUNDLE).read_bytes()
    making.pack(bundle)
    assert archive_of(BUNDLE).read_bytes() == first
    assert [path.name for path in (folders / "bundles").iterdir()] == [f"{bundle}.tar.gz"]
    for _ in range(2):
        making.remove(bundle)


def test_without_room_none_is_made_and_nothing_is_left(
    admin: Person, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def usage(_: Any) -> Any:
        looks.append(1)
        return SimpleNamespace(free=10**12 if len(looks) < 3 else 1)

    monkeypatch.setattr(making.shutil, "disk_usage", usage)
    asked = admin.post("/system/support-bundles", {})
    finish(asked.body["id"])
    operation = Operation.objects.get(pk=asked.body["id"])
    assert operation.state == "failed" and operation.error["code"] == "no_room"
    assert list((folders / "bundles").iterdir()) == []
    assert not SupportBundle.objects.exists()


def test_so_many_and_no_more(admin: Person) -> None:
    row = SupportBundle.objects.filter(pk=make(admin)["id"]).values().get()
    for number in range(2, MOST + 1):
        SupportBundle.objects.create(**{**row, "id": UUID(int=number), "position": number * 10_000})
    refused = admin.post("/system/support-bundles", {})
    assert (refused.status, refused.code) == (409, "too_many_bundles")


def test_the_plans_are_as_on_record() -> None:
    some = [
        Part("calypso", "versions and health", ("versions.json", "health.json"), lambda *_: ""),
        Part("logs", "Calypso's own", ("web.jsonl",), lambda *_: ""),
    ]
    golden_plans.check("bundles", "make", make_plan(BUNDLE, some, 24, 0), context="system")
    golden_plans.check("bundles", "delete", delete_plan(BUNDLE), context="system")
    golden_plans.nothing_left_over("bundles", ["make", "delete"], context="system")


def test_the_journal_of_what_calypso_manages(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service("zfs-zed.service", "ZFS")
    service("zfs-mount.service", "ZFS")
    asked: list[Any] = []
    answer = journal_of("second", "first")

    def run(argv: Any, **more: Any) -> Any:
        asked.append(argv)
        return answer(argv, **more)

    monkeypatch.setattr(shell, "run", run)
    told = bundles.content("journal", "zfs.log", 24).decode().splitlines()
    assert [line.split(": ")[-1] for line in told] == ["first", "first", "second", "second"], "the oldest first"
    assert {line.split()[1] for line in told} == {"zfs-zed.service", "zfs-mount.service"}
    assert [word for argv in asked for word in argv if word.startswith("--unit")] == [
        "--unit=zfs-mount.service",
        "--unit=zfs-zed.service",
    ]
    assert bundles.content("journal", "scst.log", 24) == b"Nothing in 24 hours.\n"
