"""System: who may do what, processes and health of the box itself."""
