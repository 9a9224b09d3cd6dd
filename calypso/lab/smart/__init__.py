"""The stand-in for smartctl(8): what the lab's disks tell of themselves."""
