"""The ASGI application that daphne serves."""

import os

from django.core.asgi import get_asgi_application

from calypso.access import RequestLog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calypso.settings")

application = RequestLog(get_asgi_application())
