"""`zpool version`."""

from calypso.lab import version as both

version = both.version("zpool")
