"""Pure adapters: argv builders, output parsers, stderr to named errors. They run nothing."""
