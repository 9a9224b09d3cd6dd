"""Audit: the ledger as people read it."""
