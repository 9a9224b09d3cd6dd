"""Read models: one module a concern. Django finds them here."""

from apps.system.models.accounts import Token, TokenUse
from apps.system.models.bundles import SupportBundle
from apps.system.models.integrations import IntegrationSample
from apps.system.models.names import DnsState, HostnameState
from apps.system.models.network import (
    Interface,
    InterfaceConfiguration,
    InterfaceCounters,
    NetworkChange,
    NetworkState,
    Route,
)
from apps.system.models.power import Boot
from apps.system.models.services import Service, ServiceDetail, ServiceManager
from apps.system.models.time import ClockSample, NtpSource, TimeState

__all__ = [
    "Boot",
    "ClockSample",
    "DnsState",
    "HostnameState",
    "IntegrationSample",
    "Interface",
    "InterfaceConfiguration",
    "InterfaceCounters",
    "NetworkChange",
    "NetworkState",
    "NtpSource",
    "Route",
    "Service",
    "ServiceDetail",
    "ServiceManager",
    "SupportBundle",
    "TimeState",
    "Token",
    "TokenUse",
]
