"""The system as it is; importing this registers with the kernel what it may ask of the box."""
