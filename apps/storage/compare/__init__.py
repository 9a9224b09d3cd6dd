"""What the box shows against what the read models say: the differences as events. Pure."""
