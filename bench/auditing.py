"""Row 2: a full command beside what a Django team would take for an audited change, and beside a raw INSERT."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import auditlog.context
import pghistory
import psycopg
from django.contrib.auth.models import User
from django.db import models, transaction
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.domain import event as happened

from apps.storage.commands.pools import ScrubPool
from bench import story
from bench.appending import raw
from bench.measure import Turns, Work, take_turns
from bench.models import Unaudited, WithAuditlog, WithPghistory, WithSimpleHistory
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.commands import dispatch
from calypso.kernel.events import Change
from calypso.kernel.projections import append
from calypso.kernel.store import connection_parameters, query, writing

POOL = "tank"
ACTOR = Actor("user:admin", "session", "127.0.0.1", frozenset(Permission), uuid4())


class StockPool(Aggregate):
    """The same change in the eventsourcing package's own words."""

    @happened("ScrubAsked")
    def scrub(self, plan: dict[str, Any], actor: str, reason: str) -> None:
        self.asked = reason


class StockApplication(Application):
    snapshotting_intervals = None


def measure(connection: psycopg.Connection[Any], rounds: int, transactions: int) -> Turns:
    pool = uuid4()
    with writing():
        append([Change(pool, story.seen(pool, 0, name=POOL))], ACTOR.metadata())
    command = _command()
    command()
    state = bytes(query("SELECT state FROM ledger.event ORDER BY position DESC LIMIT 1")[0][0])
    contestants = {
        "raw": raw(connection, 1, state),
        "command": command,
        "save": _save(Unaudited),
        "django-auditlog": _as_user(auditlog.context.set_actor, _save(WithAuditlog)),
        "django-simple-history": _save(WithSimpleHistory, _name_the_user),
        "django-pghistory": _as_user(lambda user: pghistory.context(user=user.pk), _save(WithPghistory)),
        "eventsourcing": _stock(),
    }
    return take_turns(contestants, rounds, transactions)


def _command() -> Work:
    """ScrubPool on a lab pool: authorise, plan, append, operations row, task; no worker runs."""
    asked = ScrubPool(name=POOL, reason="measuring")
    return lambda: dispatch(asked, ACTOR)


def _save(model: type[models.Model], prepare: Callable[[Any], None] = lambda row: None) -> Work:
    """An audited change in Django's way: ``save()`` of a row in a transaction."""
    layout = {"data": [{"name": f"disk{n}", "state": "ONLINE"} for n in range(4)]}
    row: Any = model(name=POOL, state="ONLINE", scrub="0", size=1, layout=layout)
    prepare(row)
    row.save()
    turn = 0

    def work() -> None:
        nonlocal turn
        turn += 1
        row.scrub = str(turn)
        with transaction.atomic():
            row.save()

    return work


def _name_the_user(row: Any) -> None:
    row._history_user, row._change_reason = User.objects.get(username="admin"), "measuring"


def _as_user(context: Callable[[User], Any], work: Work) -> Work:
    """With the library's way to say who does it."""
    user = User.objects.get(username="admin")

    def other() -> None:
        with context(user):
            work()

    return other


def _stock() -> Work:
    """The package's own application and PostgreSQL recorder, one aggregate event a save, without projections."""
    given = connection_parameters()
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": given["dbname"],
        "POSTGRES_HOST": given["host"],
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": os.environ.get("PGPASSWORD", "unused"),
    }
    application: Any = StockApplication(environment)
    pool = StockPool()
    application.save(pool)
    plan = dict(ScrubPool(name=POOL, reason="measuring").plan(uuid4()).model_dump(mode="json"))

    def work() -> None:
        pool.scrub(plan, ACTOR.name, "measuring")
        application.save(pool)

    return work
