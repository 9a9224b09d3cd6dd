"""`zpool events -f`: each event is a hint once, however often the tool begins anew."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from apps.storage.observe import following
from apps.storage.observe.following import Heard, follow_zfs

CREATED = "Nov 23 2026 05:33:30.651421310\tsysevent.fs.zfs.pool_create"


def test_an_event_is_new_once_in_each_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    assert heard.new(CREATED) and not heard.new(CREATED)
    monkeypatch.setattr(following, "boot_id", lambda: "another")
    assert heard.new(CREATED), "the module was loaded anew, and this is another event"


@pytest.mark.parametrize("line", ["", "no tab", "Nov 23 2026 05:33:36.6\tsysevent.fs.zfs.config_sync"])
def test_what_tells_nothing(line: str) -> None:
    assert not Heard().new(line)


@pytest.mark.process
def test_the_tool_is_followed_and_begun_again_when_it_ends(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "zpool"
    tool.write_text(f"#!/bin/sh\necho started >>{tmp_path}/starts\nprintf '{CREATED}\\n'\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setattr("django.conf.settings.CALYPSO_TOOL_PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(following, "BACK_OFF", (0.01, 60.0))
    stop, hints = threading.Event(), []
    thread = threading.Thread(target=follow_zfs, args=(stop, lambda: hints.append(1)))
    thread.start()
    starts = tmp_path / "starts"
    for _ in range(100):
        if starts.exists() and len(starts.read_text().split()) > 2:
            break
        stop.wait(0.1)
    stop.set()
    thread.join(10)
    assert not thread.is_alive() and len(starts.read_text().split()) > 2
    assert hints == [1], "the same event three times"
