from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "apps.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.storage import alerts, bundling, commands, health, metrics, observe, projections  # noqa: F401  registers them with the kernel
