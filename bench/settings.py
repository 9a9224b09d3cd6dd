"""Calypso's settings, with the libraries that it is compared with."""

from calypso.settings import *  # noqa: F403  the product's settings, and more
from calypso.settings import INSTALLED_APPS as CALYPSO_APPS

INSTALLED_APPS = [*CALYPSO_APPS, "auditlog", "simple_history", "pgtrigger", "pghistory", "bench.apps.BenchConfig"]
