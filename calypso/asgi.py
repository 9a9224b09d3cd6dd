"""The ASGI application that daphne serves: HTTP by Django, the live WebSocket by the kernel's consumer."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calypso.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  needs Django's apps
from channels.security.websocket import OriginValidator  # noqa: E402  needs Django's apps
from django.conf import settings  # noqa: E402  needs Django's apps
from django.urls import path  # noqa: E402  needs Django's apps

from apps.system.auth import authenticate_scope  # noqa: E402  needs Django's apps
from apps.system.live import JournalConsumer  # noqa: E402  needs Django's apps
from calypso.access import RequestLog  # noqa: E402  needs Django's apps
from calypso.kernel.live import LiveConsumer  # noqa: E402  needs Django's apps


class Live(LiveConsumer):
    authenticate = staticmethod(authenticate_scope)


class Journal(JournalConsumer):
    authenticate = staticmethod(authenticate_scope)


class Origins(OriginValidator):  # type: ignore[misc]  # channels has no types
    """Pages of other sites are kept out. A client that names no origin is no browser, and proves itself by a token."""

    def valid_origin(self, parsed_origin: Any) -> bool:
        return parsed_origin is None or bool(super().valid_origin(parsed_origin))


sockets = Origins(
    URLRouter([path("ws/v1/live", Live.as_asgi()), path("ws/v1/journal", Journal.as_asgi())]), settings.ALLOWED_HOSTS
)
application = RequestLog(ProtocolTypeRouter({"http": http, "websocket": sockets}))
