"""Events and rules of the system context, one module a concern. Pure."""
