"""Read models: one module a concern. Django finds them here."""

from apps.system.models.accounts import Token, TokenUse
from apps.system.models.integrations import IntegrationSample
from apps.system.models.network import (
    Interface,
    InterfaceConfiguration,
    InterfaceCounters,
    NetworkChange,
    NetworkState,
    Route,
)

__all__ = [
    "IntegrationSample",
    "Interface",
    "InterfaceConfiguration",
    "InterfaceCounters",
    "NetworkChange",
    "NetworkState",
    "Route",
    "Token",
    "TokenUse",
]
