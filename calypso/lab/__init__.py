"""The simulated box: stand-in programs over one state file, for people without the hardware. Standard library only."""
