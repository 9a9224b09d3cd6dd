from django.apps import AppConfig


class SystemConfig(AppConfig):
    name = "apps.system"
    label = "system"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.system import accounts, alerts, auth, bundling, commands, health, observe, projections  # noqa: F401  registers them

        accounts.watch()
        auth.watch()
