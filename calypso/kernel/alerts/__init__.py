"""Alerts: what is wrong now and somebody should do something about. Contexts give the rules, the kernel keeps them."""
