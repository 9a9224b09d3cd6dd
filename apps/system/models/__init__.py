"""Read models: one module a concern. Django finds them here."""

from apps.system.models.accounts import Token, TokenUse

__all__ = ["Token", "TokenUse"]
