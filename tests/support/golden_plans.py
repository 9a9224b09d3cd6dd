"""Plans as golden text files, read like a change to the code. GOLDEN=write writes them anew."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

from calypso.kernel.plans import Plan

TESTS = Path(__file__).parent.parent


def check(concern: str, name: str, plan: Plan, context: str = "storage") -> None:
    """The plan is the one in the file, and survives its way through the ledger."""
    path = TESTS / context / "golden" / concern / f"{name}.json"
    text = json.dumps({**plan.model_dump(mode="json"), "digest": plan.digest}, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    assert text == path.read_text()
    again = Plan.model_validate_json(json.dumps(plan.model_dump(mode="json")))
    assert again == plan and again.digest == plan.digest


def nothing_left_over(concern: str, plans: Collection[str], context: str = "storage") -> None:
    """Each file is some plan's."""
    assert {path.stem for path in (TESTS / context / "golden" / concern).glob("*.json")} == set(plans)
