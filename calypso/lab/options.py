"""getopt(3) for the stand-ins: options anywhere before ``--``, bundled letters, and refusals as exceptions."""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from typing import Any

from calypso.lab.state import VARIABLE

UNPRIVILEGED = "CALYPSO_LAB_UNPRIVILEGED"  # set: the stand-ins act as for a user who may only look


class Refused(Exception):  # a refusal is not an error of the stand-in
    """The tool refuses: what it prints on stderr (and stdout), and its exit code."""

    def __init__(self, stderr: str, code: int = 1, stdout: str = "") -> None:
        super().__init__(stderr)
        self.stderr, self.code, self.stdout = stderr, code, stdout


class Options:
    """What was given: flags, values by option, and operands."""

    def __init__(self, argv: list[str], letters: str, usage: str, long: tuple[str, ...] = ()) -> None:
        self.flags: set[str] = set()
        self.values: dict[str, list[str]] = {}
        self.operands: list[str] = []
        self._usage, self._takes = usage, {a for a, b in pairwise(letters) if b == ":"}
        self._known, self._long = set(letters) - {":"}, long
        rest = list(argv)
        while rest:
            self._take(rest.pop(0), rest)

    def _take(self, word: str, rest: list[str]) -> None:
        if word == "--":
            self.operands += rest
            rest.clear()
        elif word.startswith("--"):
            if word[2:] not in self._long:
                raise Refused(f"invalid option '{word}'\n{self._usage}", 2)
            self.flags.add(word[2:])
        elif word.startswith("-") and len(word) > 1:
            self._letters(word[1:], rest)
        else:
            self.operands.append(word)

    def _letters(self, letters: str, rest: list[str]) -> None:
        for place, letter in enumerate(letters):
            if letter not in self._known:
                raise Refused(f"invalid option '{letter}'\n{self._usage}", 2)
            if letter in self._takes:
                value = letters[place + 1 :] or (rest.pop(0) if rest else None)
                if value is None:
                    raise Refused(f"missing argument for '{letter}' option\n{self._usage}", 2)
                self.values.setdefault(letter, []).append(value)
                return
            self.flags.add(letter)

    def has(self, flag: str) -> bool:
        return flag in self.flags

    def value(self, letter: str) -> str | None:
        found = self.values.get(letter)
        return found[-1] if found else None


def run(commands: dict[str, Any], argv: list[str], usage: str) -> int:
    """Run one subcommand; print what it says; its exit code. `usage` answers an unknown one."""
    if VARIABLE not in os.environ:
        sys.stderr.write(f"This is a stand-in of the lab: {VARIABLE} must name its state file\n")
        return 1
    if not argv:
        sys.stderr.write("missing command\n" + usage)
        return 2
    command = commands.get(argv[0])
    if command is None:
        sys.stderr.write(f"unrecognized command '{argv[0]}'\n{usage}")
        return 2
    try:
        return int(command(argv[1:]) or 0)
    except Refused as refused:
        sys.stdout.write(refused.stdout)
        sys.stderr.write(refused.stderr)
        return refused.code
    except BrokenPipeError:
        return 141
