"""The ASGI application that daphne serves: HTTP by Django, the live WebSocket by the kernel's consumer."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calypso.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  needs Django's apps
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from apps.system.auth import authenticate_scope  # noqa: E402
from calypso.access import RequestLog  # noqa: E402
from calypso.kernel.live import LiveConsumer  # noqa: E402


class Live(LiveConsumer):
    authenticate = staticmethod(authenticate_scope)


sockets = AllowedHostsOriginValidator(URLRouter([path("ws/v1/live", Live.as_asgi())]))
application = RequestLog(ProtocolTypeRouter({"http": http, "websocket": sockets}))
