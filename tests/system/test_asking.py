"""A service that comes when it is asked is asked no more often than its answer may change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.system.observe import asking
from calypso.kernel import bus
from calypso.kernel.errors import Unavailable


class Service:
    def __init__(self) -> None:
        self.asked, self.now, self.answers = 0, 0.0, True

    def read(self, request: object, *, deadline: float) -> list[Any]:
        self.asked += 1
        if not self.answers:
            raise Unavailable("no")
        return [{"number": self.asked}]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Service:
    made = Service()
    settings.CALYPSO_BOX_ROOT, settings.CALYPSO_LAB_FILES = str(tmp_path), ""
    monkeypatch.setattr(bus, "read", made.read)
    return made


@pytest.fixture
def asked(service: Service) -> asking.Asked:
    return asking.Asked(lambda: bus.get_all("a.b", "/a", "a.b"), "/etc/hostname", clock=lambda: service.now)


def test_an_answer_holds_for_a_while(service: Service, asked: asking.Asked) -> None:
    assert [asked.latest(), asked.latest()] == [({"number": 1}, None)] * 2
    service.now = asking.EVERY_SECONDS
    assert asked.latest() == ({"number": 2}, None)


def test_a_changed_file_is_a_reason_to_ask(service: Service, asked: asking.Asked, tmp_path: Path) -> None:
    asked.latest()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hostname").write_text("box\n")
    assert asked.latest()[0] == {"number": 2} == asked.latest()[0]


def test_what_did_not_answer_is_asked_again(service: Service, asked: asking.Asked) -> None:
    service.answers = False
    assert isinstance(asked.latest()[1], Unavailable)
    service.answers = True
    assert asked.latest() == ({"number": 2}, None)
