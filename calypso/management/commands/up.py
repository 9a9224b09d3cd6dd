"""`manage.py up`: the whole appliance in one terminal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Starts PostgreSQL, web, worker and observer, and keeps them running until Ctrl-C or SIGTERM."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        from calypso.supervisor import run

        run()
