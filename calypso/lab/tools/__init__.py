"""Stand-ins for the tools that work on whole disks. They know the lab's disks only, and never open a device."""
