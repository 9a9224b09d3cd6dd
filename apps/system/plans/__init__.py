"""Plans of the system context, one module a concern: wish + what is known → steps. Pure."""
