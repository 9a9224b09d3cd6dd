"""What is seen against the read models: the differences as events. Pure."""
