"""smartctl(8): argument lists, its JSON, its refusals. Pure: runs nothing."""
