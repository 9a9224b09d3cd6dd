"""Read models of the box's own name and of DNS."""

from __future__ import annotations

from django.db import models


class HostnameState(models.Model):
    """One row, ``hostname``. ``static``: the name that is set; ``wanted``: the one that was set by Calypso, or ""."""

    name = models.TextField(primary_key=True)
    hostname = models.TextField()
    static = models.TextField()
    code = models.TextField()
    message = models.TextField()
    wanted = models.TextField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "host name"

    def __str__(self) -> str:
        return self.hostname


class DnsState(models.Model):
    """One row, ``dns``. ``wanted``: {servers, search} that were set by Calypso, or {}."""

    name = models.TextField(primary_key=True)
    way = models.TextField()
    path = models.TextField()
    keeper = models.TextField()
    servers = models.JSONField()
    search = models.JSONField()
    wanted = models.JSONField()
    version = models.BigIntegerField()
    position = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "DNS"

    def __str__(self) -> str:
        return ", ".join(self.servers)
