"""Django admin: interfaces, routes and changes of the network, read-only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.system.commands.network import RevertNetwork
from apps.system.models.network import Interface, InterfaceConfiguration, NetworkChange, NetworkState, Route
from calypso.kernel.admin import ReadOnlyAdmin, dispatching, pretty


@admin.register(Interface)
class InterfaceAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "mac", "mtu", "up", "carrier", "speed", "driver", "master", "since")
    list_filter = ("kind", "up", "carrier")
    search_fields = ("name", "mac", "driver")
    ordering = ("name",)
    exclude = ("addresses",)
    readonly_fields = ("addresses_text",)

    @admin.display(description="Addresses")
    def addresses_text(self, interface: Interface) -> SafeString:
        return pretty(interface.addresses)


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    list_display = ("to", "via", "interface", "metric", "protocol", "family")
    list_filter = ("family", "protocol", "interface")
    search_fields = ("to", "via")
    ordering = ("family", "to", "metric")


@admin.register(NetworkState)
class NetworkStateAdmin(ReadOnlyAdmin):
    list_display = ("renderer", "backend", "files", "message", "since")


@admin.register(InterfaceConfiguration)
class InterfaceConfigurationAdmin(ReadOnlyAdmin):
    list_display = ("name", "since", "change")
    ordering = ("name",)
    exclude = ("config",)
    readonly_fields = ("config_text",)

    @admin.display(description="Configuration")
    def config_text(self, row: InterfaceConfiguration) -> SafeString:
        return pretty(row.config)


@admin.register(NetworkChange)
class NetworkChangeAdmin(ReadOnlyAdmin):
    list_display = ("id", "state", "requested_by", "applied_at", "deadline", "ended_at", "cause", "complete")
    list_filter = ("state", "cause", "complete")
    ordering = ("-position",)
    exclude = ("interfaces",)
    readonly_fields = ("interfaces_text",)
    actions = ("revert",)

    revert = dispatching(
        "Take the chosen changes back", lambda change, reason: RevertNetwork(change=change.id, reason=reason)
    )

    @admin.display(description="Interfaces")
    def interfaces_text(self, change: NetworkChange) -> SafeString:
        return pretty(change.interfaces)
