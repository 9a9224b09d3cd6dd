"""Read models of the network."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db import models


class InterfaceQuerySet(models.QuerySet["Interface"]):
    def matching(self, words: str) -> InterfaceQuerySet:
        """Those with the words in their name, hardware address, driver or addresses; all for none."""
        if not words:
            return self.all()
        columns = ("name", "mac", "driver", "addresses")
        return self.filter(reduce(or_, [models.Q(**{f"{column}__icontains": words}) for column in columns]))


class Interface(models.Model):
    """An interface that is there now."""

    name = models.TextField(primary_key=True)
    kind = models.TextField()
    mac = models.TextField()
    mtu = models.IntegerField()
    up = models.BooleanField()
    carrier = models.BooleanField()
    state = models.TextField()
    addresses = models.JSONField()
    driver = models.TextField()
    bus = models.TextField()
    speed = models.IntegerField(null=True)
    duplex = models.TextField()
    parent = models.TextField()
    master = models.TextField()
    members = models.JSONField()
    vlan = models.IntegerField(null=True)
    bond_mode = models.TextField()
    alternative_names = models.JSONField()
    since = models.DateTimeField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    objects = InterfaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class InterfaceCounters(models.Model):
    """What went over an interface since it came up: a sample, not rebuilt."""

    name = models.TextField(primary_key=True)
    rx_bytes = models.BigIntegerField()
    rx_packets = models.BigIntegerField()
    rx_errors = models.BigIntegerField()
    rx_dropped = models.BigIntegerField()
    tx_bytes = models.BigIntegerField()
    tx_packets = models.BigIntegerField()
    tx_errors = models.BigIntegerField()
    tx_dropped = models.BigIntegerField()
    sampled_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """A route of the main table. ``table`` is “main” in all rows: by it they are found and replaced."""

    id = models.TextField(primary_key=True)
    table = models.TextField(db_index=True)
    family = models.TextField()
    to = models.TextField()
    via = models.TextField()
    interface = models.TextField(db_index=True)
    metric = models.BigIntegerField()
    protocol = models.TextField()
    scope = models.TextField()
    source = models.TextField()
    kind = models.TextField()
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.to} via {self.via or self.interface}"


class NetworkState(models.Model):
    """What configures the network, since when. One row, “network”."""

    name = models.TextField(primary_key=True)
    renderer = models.TextField()
    backend = models.TextField()
    files = models.JSONField()
    code = models.TextField()
    message = models.TextField()
    routes_left_out = models.IntegerField()
    since = models.DateTimeField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return self.renderer


class NetworkChangeQuerySet(models.QuerySet["NetworkChange"]):
    def pending(self) -> NetworkChange | None:
        """The change that is on trial now."""
        return self.filter(state="pending").order_by("-position").first()


class NetworkChange(models.Model):
    """A change of the network: pending, confirmed or rolled back; ``deadline`` is when the old one returns."""

    id = models.UUIDField(primary_key=True)
    state = models.TextField(db_index=True)
    renderer = models.TextField()
    interfaces = models.JSONField()
    removed = models.JSONField()
    files = models.JSONField()
    seconds = models.IntegerField()
    applied_at = models.DateTimeField()
    deadline = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    cause = models.TextField()
    complete = models.BooleanField()
    detail = models.TextField()
    requested_by = models.TextField()
    position = models.BigIntegerField()

    objects = NetworkChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)


class InterfaceConfiguration(models.Model):
    """An interface's configuration in force by the ledger: confirmed by somebody who could reach the box."""

    name = models.TextField(primary_key=True)
    config = models.JSONField()
    change = models.UUIDField()
    since = models.DateTimeField()
    position = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name
