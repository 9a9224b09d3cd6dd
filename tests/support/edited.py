"""An edit of tests: it sets the value of the line “line = …”, and adds that where there is none."""

from __future__ import annotations

import re

from calypso.kernel import files

EDIT = "tests.line"
LINE = re.compile(r"^line = .*$", re.MULTILINE)


@files.edit(EDIT)
def set_line(text: str, value: str) -> str:
    new = f"line = {value}"
    return LINE.sub(lambda _: new, text) if LINE.search(text) else f"{text}{new}\n"
