"""What the system puts into a support bundle, one module a concern; importing this registers it."""

from apps.system.bundling import calypso, journals, machine

__all__ = ["calypso", "journals", "machine"]
