"""Calypso: the control plane of a backup and storage appliance. Every change is an event in one ledger."""

VERSION = "0.1.0"
