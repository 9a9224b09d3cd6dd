"""What lies beneath bus.py: the connection over D-Bus, and what its errors mean."""
