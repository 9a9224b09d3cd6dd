"""What is measured on: a PostgreSQL of its own in a temporary folder, fsync on, with all tables; and its end.

Import this before anything of Django: the environment must be set before the settings are read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "only-for-Measuring-1"


@contextmanager
def prepared() -> Iterator[Path]:
    """A migrated data folder with the administrator ``admin``. Everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="calypso-bench-"))
    for name in [name for name in os.environ if name.startswith("CALYPSO_")]:
        del os.environ[name]
    os.environ |= {
        "CALYPSO_HOME": str(folder / "home"),
        "CALYPSO_LAB": "1",
        "DJANGO_SETTINGS_MODULE": "bench.settings",
    }
    from calypso import home, postgres

    here = home.current()
    home.prepare(here)
    try:
        _build()
        yield here.root
    finally:
        postgres.stop(here.db)
        shutil.rmtree(folder, ignore_errors=True)


def _build() -> None:
    import django

    django.setup()
    from calypso import startup
    from calypso.home import current

    startup.start_database(current())
    os.environ["CALYPSO_ADMIN_PASSWORD"] = PASSWORD
    startup.migrate()
    startup.first_administrator()
    _make_tables()


def _make_tables() -> None:
    """The tables of bench/models.py, which has no migrations, with the triggers of pghistory."""
    import pgtrigger
    from django.apps import apps
    from django.db import connections

    with connections["admin"].schema_editor() as editor:
        for model in apps.get_app_config("bench").get_models():
            editor.create_model(model)
    with connections["admin"].cursor():
        pgtrigger.install(database="admin")
