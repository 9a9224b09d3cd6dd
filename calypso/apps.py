"""The project as a Django app, for its management commands."""

from django.apps import AppConfig


class CalypsoConfig(AppConfig):
    name = "calypso"
    label = "calypso"
