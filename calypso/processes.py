"""What binds Calypso's processes together: a child ends with its parent, even when the parent is killed outright."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)

#: Set by the supervisor for its children: its own pid.
SUPERVISOR = "CALYPSO_SUPERVISOR_PID"


def tie_to_supervisor() -> None:
    """Called first in every child. Forked grandchildren are tied to their own parent likewise."""
    expected = os.environ.pop(SUPERVISOR, None)
    if expected is None:
        return
    die_with_parent()
    os.register_at_fork(after_in_child=die_with_parent)
    if os.getppid() != int(expected):  # it died before we could ask to be told
        sys.exit(1)


def die_with_parent() -> None:
    """SIGKILL: a worker in the middle of a long step would sit out anything softer, and the crash rule covers it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
