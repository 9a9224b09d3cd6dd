"""What storage is about: events and rules, one module a concern. Pure."""
