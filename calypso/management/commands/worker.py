"""`manage.py worker`: the process that carries out operations, a django-q2 cluster."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection


class Command(BaseCommand):
    help = "Carries out operations (part of `up`)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        from django_q import cluster as django_q

        from calypso.kernel import heartbeat
        from calypso.kernel.queue import Pipe

        wait_for_database()
        django_q.Queue = Pipe
        cluster = django_q.Cluster()  # its handlers of SIGTERM and SIGINT let running steps end
        cluster.start()
        heartbeat.start("worker", threading.Event())  # not before: the forked processes share no connection
        while not cluster.has_stopped:
            if not cluster.sentinel.is_alive() and not cluster.has_stopped:
                sys.exit("The cluster of workers died.")
            time.sleep(0.2)


def wait_for_database() -> None:
    """django-q2 gives up without one; while PostgreSQL comes back there is nothing to carry out anyway."""
    while True:
        try:
            connection.ensure_connection()
            break
        except OperationalError:
            time.sleep(0.2)
    connection.close()  # forked processes must not share it
