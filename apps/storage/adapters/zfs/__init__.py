"""zfs(8): argv builders, output parsers, and the tool's refusals as named errors. Pure: runs nothing."""
