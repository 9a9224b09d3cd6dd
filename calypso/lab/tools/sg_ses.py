"""sg_ses(8) of sg3-utils, for the locate light of a slot: `sg_ses --index=SLOT --set=locate ENCLOSURE`."""

from __future__ import annotations

import getopt
import sys

from calypso.lab.state import change, read

ENCLOSURE = "/dev/lab-enclosure"
LIGHTS = ("locate", "ident")
LONG = ("index=", "set=", "clear=", "get=")
SYNTAX, NO_FILE = 1, 15


def main(argv: list[str]) -> int:
    try:
        pairs, operands = getopt.gnu_getopt(argv, "I:S:C:G:", LONG)
    except getopt.GetoptError as error:
        sys.stderr.write(f"sg_ses: {error.msg}\n")
        return SYNTAX
    short = {"-I": "--index", "-S": "--set", "-C": "--clear", "-G": "--get"}
    given = {short.get(name, name): value for name, value in pairs}
    if operands != [ENCLOSURE]:
        sys.stderr.write(f"open error: {' '.join(operands)}: No such file or directory\n")
        return NO_FILE
    asked = [(name, value) for name, value in given.items() if name != "--index"]
    if len(asked) != 1 or asked[0][1] not in LIGHTS or not given.get("--index", "").isdigit():
        sys.stderr.write(
            "sg_ses: this stand-in of the lab takes --index=SLOT and one of --set, --clear, --get =locate\n"
        )
        return SYNTAX
    slot, (name, _) = int(given["--index"]), asked[0]
    if name == "--get":
        found = [disk for disk in read()["disks"] if disk["slot"] == slot]
        sys.stdout.write(f"{int(bool(found and found[0].get('locate')))}\n")
        return 0
    with change() as state:
        for disk in state["disks"]:
            if disk["slot"] == slot and disk["transport"] != "nvme":
                disk["locate"] = name == "--set"
    return 0
