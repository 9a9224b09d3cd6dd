"""`manage.py web`: the process that answers HTTP and WebSocket. It starts no tool."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Answers HTTP and WebSocket (part of `up`)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        from calypso.server import serve

        serve(settings.CALYPSO_HOST, settings.CALYPSO_PORT)
