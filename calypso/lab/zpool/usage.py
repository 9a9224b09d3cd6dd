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

ADD = """\
usage:
\tadd [-afgLnP] [-o property=value] <pool> <vdev> ...
"""

REMOVE = """\
usage:
\tremove [-npsw] <pool> <device> ...
"""

CHECKPOINT = """\
usage:
\tcheckpoint [-d [-w]] <pool> ...
"""

ATTACH = """\
usage:
\tattach [-fsw] [-o property=value] <pool> <device> <new-device>
"""

DETACH = """\
usage:
\tdetach <pool> <device>
"""

REPLACE = """\
usage:
\treplace [-fsw] [-o property=value] <pool> <device> [new-device]
"""

TRIM = """\
usage:
\ttrim [-dw] [-r <rate>] [-c | -s] <pool> [<device> ...]
"""

INITIALIZE = """\
usage:
\tinitialize [-c | -s | -u] [-w] <pool> [<device> ...]
"""

WAIT = """\
usage:
\twait [-Hp] [-T d|u] [-t <activity>[,...]] <pool> [interval]
"""

GET = """\
usage:
\tget [-Hp] [-j [--json-int, --json-pool-key-guid]] ...
\t    [-o "all" | field[,...]] <"all" | property[,...]> <pool> ...
"""

SET = """\
usage:
\tset <property=value> <pool>
\tset <vdev_property=value> <pool> <vdev>
"""

LABELCLEAR = """\
usage:
\tlabelclear [-f] <vdev>
"""

PROPERTIES = """\

the following properties are supported:

\tPROPERTY             EDIT   VALUES

\tallocated              NO   <size>
\tbcloneratio            NO   <1.00x or higher if cloned>
\tbclonesaved            NO   <size>
\tbcloneused             NO   <size>
\tcapacity               NO   <percent>
\tcheckpoint             NO   <size>
\tdedup_table_size       NO   <size>
\tdedupratio             NO   <1.00x or higher if deduped>
\texpandsize             NO   <size>
\tfragmentation          NO   <percent>
\tfree                   NO   <size>
\tfreeing                NO   <size>
\tguid                   NO   <guid>
\thealth                 NO   <state>
\tlast_scrubbed_txg      NO   <txg>
\tleaked                 NO   <size>
\tload_guid              NO   <load_guid>
\tsize                   NO   <size>
\taltroot               YES   <path>
\tashift                YES   <ashift, 9-16, or 0=default>
\tautoexpand            YES   on | off
\tautoreplace           YES   on | off
\tautotrim              YES   on | off
\tbootfs                YES   <filesystem>
\tcachefile             YES   <file> | none
\tcomment               YES   <comment-string>
\tcompatibility         YES   <file[,file...]> | off | legacy
\tdedup_table_quota     YES   <size>
\tdelegation            YES   on | off
\tfailmode              YES   wait | continue | panic
\tlistsnapshots         YES   on | off
\tmultihost             YES   on | off
\treadonly              YES   on | off
\tversion               YES   <version>
\tfeature@...           YES   disabled | enabled | active

The feature@ properties must be appended with a feature name.
See zpool-features(7).
"""
