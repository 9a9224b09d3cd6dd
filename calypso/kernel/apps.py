from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "calypso.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from calypso.kernel import operations, vitals  # noqa: F401  registers its events and projection, and its checks
        from calypso.kernel.alerts import commands, projection  # noqa: F401  registers them
