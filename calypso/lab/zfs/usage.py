"""What zfs(8) says of its commands when they are called wrongly (get_usage() in zfs_main.c).

The table of properties after set, get, inherit and list is not told again.
"""

from __future__ import annotations

SPACE = (
    "space [-Hinp] [-o field[,...]] [-s field] ...\n\t    [-S field] ... [-t type[,...]] <filesystem|snapshot|path>\n"
)
LINES = {
    "version": "\tversion [-j]\n",
    "create": (
        "\tcreate [-Pnpuv] [-o property=value] ... <filesystem>\n"
        "\tcreate [-Pnpsv] [-b blocksize] [-o property=value] ... -V <size> <volume>\n"
    ),
    "destroy": (
        "\tdestroy [-fnpRrv] <filesystem|volume>\n"
        "\tdestroy [-dnpRrv] <filesystem|volume>@<snap>[%<snap>][,...]\n"
        "\tdestroy <filesystem|volume>#<bookmark>\n"
    ),
    "snapshot": "\tsnapshot [-r] [-o property=value] ... <filesystem|volume>@<snap> ...\n",
    "rollback": "\trollback [-rRf] <snapshot>\n",
    "clone": "\tclone [-p] [-o property=value] ... <snapshot> <filesystem|volume>\n",
    "promote": "\tpromote <clone-filesystem>\n",
    "rename": (
        "\trename [-f] <filesystem|volume|snapshot> <filesystem|volume|snapshot>\n"
        "\trename -p [-f] <filesystem|volume> <filesystem|volume>\n"
        "\trename -u [-f] <filesystem> <filesystem>\n"
        "\trename -r <snapshot> <snapshot>\n"
    ),
    "bookmark": "\tbookmark <snapshot|bookmark> <newbookmark>\n",
    "list": (
        "\tlist [-Hp] [-j [--json-int]] [-r|-d max] [-o property[,...]] [-s property]...\n"
        "\t    [-S property]... [-t type[,...]] [filesystem|volume|snapshot] ...\n"
    ),
    "set": "\tset [-u] <property=value> ... <filesystem|volume|snapshot> ...\n",
    "get": (
        '\tget [-rHp] [-j [--json-int]] [-d max] [-o "all" | field[,...]]\n'
        "\t    [-t type[,...]] [-s source[,...]]\n"
        '\t    <"all" | property[,...]> [filesystem|volume|snapshot|bookmark] ...\n'
    ),
    "inherit": "\tinherit [-rS] <property> <filesystem|volume|snapshot> ...\n",
    "userspace": "\tuser" + SPACE,
    "groupspace": "\tgroup" + SPACE,
    "projectspace": (
        "\tprojectspace [-Hp] [-o field[,...]] [-s field] ... \n\t    [-S field] ... <filesystem|snapshot|path>\n"
    ),
    "mount": "\tmount [-j]\n\tmount [-flvO] [-o opts] <-a|-R filesystem|filesystem>\n",
    "unmount": "\tunmount [-fu] <-a | filesystem|mountpoint>\n",
    "send": (
        "\tsend [-DLPbcehnpsVvw] [-i|-I snapshot] [-R [-X dataset[,dataset]...]]     <snapshot>\n"
        "\tsend [-DnVvPLecw] [-i snapshot|bookmark] <filesystem|volume|snapshot>\n"
        "\tsend [-DnPpVvLec] [-i bookmark|snapshot] --redact <bookmark> <snapshot>\n"
        "\tsend [-nVvPe] -t <receive_resume_token>\n"
        "\tsend [-PnVv] --saved filesystem\n"
    ),
    "receive": (
        "\treceive [-vMnsFhu] [-o <property>=<value>] ... [-x <property>] ...\n"
        "\t    <filesystem|volume|snapshot>\n"
        "\treceive [-vMnsFhu] [-o <property>=<value>] ... [-x <property>] ... \n"
        "\t    [-d | -e] <filesystem>\n"
        "\treceive -A <filesystem|volume>\n"
    ),
    "hold": "\thold [-r] <tag> <snapshot> ...\n",
    "holds": "\tholds [-rHp] <snapshot> ...\n",
    "release": "\trelease [-r] <tag> <snapshot> ...\n",
    "diff": "\tdiff [-FHth] <snapshot> [snapshot|filesystem]\n",
    "load-key": "\tload-key [-rn] [-L <keylocation>] <-a | filesystem|volume>\n",
    "unload-key": "\tunload-key [-r] <-a | filesystem|volume>\n",
    "change-key": (
        "\tchange-key [-l] [-o keyformat=<value>]\n"
        "\t    [-o keylocation=<value>] [-o pbkdf2iters=<value>]\n"
        "\t    <filesystem|volume>\n"
        "\tchange-key -i [-l] <filesystem|volume>\n"
    ),
    "wait": "\twait [-t <activity>] <filesystem>\n",
}
HELP = "\nFor further help on a command or topic, run: zfs help [<topic>]\n"
MORE = "\nFor the property list, run: zfs set|get\n\nFor the delegated permission list, run: zfs allow|unallow\n" + HELP
WITH_TABLE = ("set", "get", "inherit", "list")
ALL = (
    "usage: zfs command args ...\nwhere 'command' is one of the following:\n\n"
    + "\n".join(LINES.values())
    + "\nEach dataset is of the form: pool/[dataset/]*dataset[@name]\n"
    + MORE
)


def of(command: str) -> str:
    """The usage of one command."""
    return "usage:\n" + LINES[command] + (HELP if command in WITH_TABLE else MORE)
