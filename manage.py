#!/usr/bin/env python3
"""Starts everything: `manage.py up` runs the appliance, `manage.py help` lists the rest."""

import os
import sys

from calypso import home, processes

#: The commands that are processes of the appliance, by the name that their log has.
PROCESSES = {"up": "supervisor", "web": "web", "worker": "worker", "observer": "observer"}


def main() -> None:
    """Prepares the data folder, then hands over to Django. A refusal is one line on stderr and exit code 1."""
    processes.tie_to_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calypso.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in PROCESSES:
        os.environ["CALYPSO_PROCESS"] = PROCESSES[command]
    try:
        home.prepare(home.current())
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except home.Refused as refusal:
        sys.exit(f"calypso: {refusal}")
    except Exception:
        if command not in PROCESSES:
            raise
        from calypso.kernel.logs import get_logger

        get_logger("calypso").critical("process failed", exc_info=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
