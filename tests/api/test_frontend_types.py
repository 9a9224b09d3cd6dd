"""The front end's types are made from the document that the API gives now."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.management import call_command

COPY = Path(__file__).parents[2] / "frontend" / "openapi.json"


def test_the_front_ends_copy_is_the_present_document(tmp_path: Path) -> None:
    """When this fails: ``cd frontend && npm run api``."""
    now = tmp_path / "openapi.json"
    call_command("export_openapi_schema", api="calypso.api.api", indent=2, output=str(now))
    assert json.loads(COPY.read_text()) == json.loads(now.read_text())
