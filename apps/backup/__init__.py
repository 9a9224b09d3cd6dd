"""Backup with Bacula and Bareos. Nothing is implemented here yet."""
