"""Tools and files of the system: argv builders, parsers, refusals as named errors. Pure, they run nothing."""
