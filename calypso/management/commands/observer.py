"""`manage.py observer`: the process that watches the box."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

JOIN_SECONDS = 5.0  # that the scheduler has to end what it is about; it would be rolled back


class Command(BaseCommand):
    help = "Watches the box (part of `up`)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        from apps.storage.observe import scheduling
        from apps.storage.observe.watching import run_forever
        from apps.system.observe import power
        from apps.system.observe import watching as system
        from calypso.kernel import heartbeat

        stop = threading.Event()

        def end(*_: object) -> None:
            # Not set here: the handler may have interrupted a wait() that holds the event's lock.
            threading.Thread(target=stop.set).start()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        power.forget_mark()
        heartbeat.start("observer", stop)
        scheduler = threading.Thread(target=scheduling.run_forever, args=(stop,), name="scheduler", daemon=True)
        scheduler.start()
        system.run_forever(stop)
        run_forever(stop)
        power.mark_stop()
        scheduler.join(JOIN_SECONDS)
