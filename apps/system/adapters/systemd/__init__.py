"""systemd over D-Bus: its calls, what it shows of units, its errors. Pure."""
