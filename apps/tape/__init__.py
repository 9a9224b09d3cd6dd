"""Tape and virtual tape (MHVTL). Nothing is implemented here yet."""
