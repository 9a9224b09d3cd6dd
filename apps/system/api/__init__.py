"""REST of the system context: ``auth`` for accounts and tokens, ``system`` for the machine beneath."""

from apps.system.api import logs  # isort: split

from apps.system.api import bundles, names, network, power, services, time
from apps.system.api.accounts import router as auth
from apps.system.api.router import router as system

__all__ = ["auth", "bundles", "logs", "names", "network", "power", "services", "system", "time"]
