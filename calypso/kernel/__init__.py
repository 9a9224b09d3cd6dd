"""The kernel: ledger, commands, plans, executor, projections, live updates. It imports no app."""
