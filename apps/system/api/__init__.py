"""REST of the system context: ``auth`` for accounts and tokens."""

from apps.system.api.accounts import router as auth

__all__ = ["auth"]
