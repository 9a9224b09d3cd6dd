"""Changes of the network on trial: the old configuration files return unless somebody confirms in time.

It must work when Calypso is dead, broken or being replaced, so it needs Python's standard library and systemd alone.
`arm` keeps the old files and a copy of this program below /var/lib/calypso/network, and starts a timer of systemd;
`apply` puts the new files in force and starts the time anew; `confirm` ends the trial. When the timer ends first, it
runs `rollback`. A box that died meanwhile runs `boot` before its network comes up.

A refusal is one line on stderr, `calypso-network-rollback: <code>: <words>`, and exit code 1.
"""
