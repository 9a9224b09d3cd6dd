"""netplan(5): its files read and edited, its commands and refusals. Pure."""
