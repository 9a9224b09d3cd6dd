"""`make bench`: measures what issue and design promise, all in one run, and writes docs/benchmarks.md."""
