"""What zpool(8) and zfs(8) print when they are called wrongly, as recorded."""

ZPOOL = """\
usage: zpool command args ...
where 'command' is one of the following:

\tversion [-j]

\tcreate [-fnd] [-o property=value] ...\x20
\t    [-O file-system-property=value] ...\x20
\t    [-m mountpoint] [-R root] <pool> <vdev> ...
\tdestroy [-f] <pool>

\tadd [-afgLnP] [-o property=value] <pool> <vdev> ...
\tremove [-npsw] <pool> <device> ...

\tlabelclear [-f] <vdev>

\tcheckpoint [-d [-w]] <pool> ...
\tprefetch -t <type> [<type opts>] <pool>
\t    -t ddt <pool>

\tlist [-gHLpPv] [-o property[,...]] [-j [--json-int, --json-pool-key-guid]] ...
\t    [-T d|u] [pool] [interval [count]]
\tiostat [[[-c [script1,script2,...][-lq]]|[-rw]] [-T d | u] [-ghHLpPvy]
\t    [[pool ...]|[pool vdev ...]|[vdev ...]] [[-n] interval [count]]
\tstatus [--power] [-j [--json-int, --json-flat-vdevs, ...
\t    --json-pool-key-guid]] [-c [script1,script2,...]] [-dDegiLpPstvx] ...
\t    [-T d|u] [pool] [interval [count]]

\tonline [--power][-e] <pool> <device> ...
\toffline [--power]|[[-f][-t]] <pool> <device> ...
\tclear [[--power]|[-nF]] <pool> [device]
\treopen [-n] <pool>

\tattach [-fsw] [-o property=value] <pool> <device> <new-device>
\tdetach <pool> <device>
\treplace [-fsw] [-o property=value] <pool> <device> [new-device]
\tsplit [-gLnPl] [-R altroot] [-o mntopts]
\t    [-o property=value] <pool> <newpool> [<device> ...]

\tinitialize [-c | -s | -u] [-w] <pool> [<device> ...]
\tresilver <pool> ...
\tscrub [-e | -s | -p | -C] [-w] <pool> ...
\ttrim [-dw] [-r <rate>] [-c | -s] <pool> [<device> ...]

\timport [-d dir] [-D]
\timport [-o mntopts] [-o property=value] ...\x20
\t    [-d dir | -c cachefile] [-D] [-l] [-f] [-m] [-N] [-R root] [-F [-n]] -a
\timport [-o mntopts] [-o property=value] ...\x20
\t    [-d dir | -c cachefile] [-D] [-l] [-f] [-m] [-N] [-R root] [-F [-n]]
\t    [--rewind-to-checkpoint] <pool | id> [newpool]
\texport [-af] <pool> ...
\tupgrade
\tupgrade -v
\tupgrade [-V version] <-a | pool ...>
\treguid [-g guid] <pool>

\thistory [-il] [<pool>] ...
\tevents [-vHf [pool] | -c]

\tget [-Hp] [-j [--json-int, --json-pool-key-guid]] ...
\t    [-o "all" | field[,...]] <"all" | property[,...]> <pool> ...
\tset <property=value> <pool>
\tset <vdev_property=value> <pool> <vdev>
\tsync [pool] ...

\twait [-Hp] [-T d|u] [-t <activity>[,...]] <pool> [interval]

\tddtprune -d|-p <amount> <pool>

For further help on a command or topic, run: zpool help [<topic>]
"""

CREATE = """\
usage:
\tcreate [-fnd] [-o property=value] ...\x20
\t    [-O file-system-property=value] ...\x20
\t    [-m mountpoint] [-R root] <pool> <vdev> ...
"""
