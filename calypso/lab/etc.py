"""The configuration files of the simulated box, in a folder that stands for its root: as Debian 12 installs them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from calypso.lab.state import state_path

CHRONY = """\
# Welcome to the chrony configuration file. See chrony.conf(5) for more
# information about usable directives.

# Include configuration files found in /etc/chrony/conf.d.
confdir /etc/chrony/conf.d

# Use Debian vendor zone.
pool 2.debian.pool.ntp.org iburst

# Use time sources from DHCP.
sourcedir /run/chrony-dhcp

# Use NTP sources found in /etc/chrony/sources.d.
sourcedir /etc/chrony/sources.d

# This directive specify the location of the file containing ID/key pairs for
# NTP authentication.
keyfile /etc/chrony/chrony.keys

# This directive specify the file into which chronyd will store the rate
# information.
driftfile /var/lib/chrony/chrony.drift

# Save NTS keys and cookies.
ntsdumpdir /var/lib/chrony

# Uncomment the following line to turn logging on.
#log tracking measurements statistics

# Log files location.
logdir /var/log/chrony

# Stop bad estimates upsetting machine clock.
maxupdateskew 100.0

# This directive enables kernel synchronisation (every 11 minutes) of the
# real-time clock. Note that it can't be used along with the 'rtcfile' directive.
rtcsync

# Step the system clock instead of slewing it if the adjustment is larger than
# one second, but only in the first three clock updates.
makestep 1 3

# Get TAI-UTC offset and leap seconds from the system tz database.
# This directive must be commented out when using time sources serving
# leap-smeared time.
leapsectz right/UTC
"""

BY_DHCP = "10.0.2.3"
RESOLVED = """\
# This is /run/systemd/resolve/resolv.conf managed by man:systemd-resolved(8).
# Do not edit.
"""

#: path: text, mode
FILES: dict[str, tuple[str, int]] = {
    "etc/chrony/chrony.conf": (CHRONY, 0o644),
    "etc/chrony/chrony.keys": ("", 0o640),
    "etc/hostname": ("appliance\n", 0o644),
    "etc/hosts": ("127.0.0.1\tlocalhost\n127.0.1.1\tappliance\n", 0o644),
    "etc/netplan/01-appliance.yaml": (
        "network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    mgmt0:\n      dhcp4: true\n",
        0o600,
    ),
    "etc/systemd/resolved.conf": ("[Resolve]\n#DNS=\n#FallbackDNS=\n#Domains=\n", 0o644),
    "run/systemd/resolve/stub-resolv.conf": ("nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n", 0o644),
    "run/systemd/resolve/resolv.conf": (RESOLVED + "\nnameserver " + BY_DHCP + "\nsearch .\n", 0o644),
}
FOLDERS = ("etc/chrony/conf.d", "etc/chrony/sources.d", "etc/NetworkManager", "etc/network", "usr/share/zoneinfo")
LINKS = {"etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf"}


def root() -> Path:
    """The folder that stands for the root of the box of this state."""
    return state_path().parent / "root"


def started(unit: str) -> None:
    """What a service does with its files when it starts: systemd-resolved tells what it asks from now on."""
    told = root() / "run/systemd/resolve/resolv.conf"
    if unit != "systemd-resolved.service" or not told.exists():
        return
    found: dict[str, list[str]] = {"DNS": [], "Domains": []}
    for path in sorted((root() / "etc/systemd/resolved.conf.d").glob("*.conf")):
        for name, _, value in (line.partition("=") for line in path.read_text(encoding="utf-8").split("\n")):
            if name in found:
                found[name] = [*found[name], *value.split()] if value.strip() else []
    servers = "".join(f"nameserver {server}\n" for server in [*found["DNS"], BY_DHCP])
    told.write_text(f"{RESOLVED}\n{servers}search {' '.join(found['Domains']) or '.'}\n", encoding="utf-8")


def prepare(root: Path) -> None:
    """Makes the folder with the files of the first day, whole or not at all: several processes may come at once."""
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{root.name}.", dir=root.parent))
    draft.chmod(0o755)
    for folder in FOLDERS:
        (draft / folder).mkdir(parents=True, exist_ok=True)
    for name, (text, mode) in FILES.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_text(text, encoding="utf-8")
        (draft / name).chmod(mode)
    for name, target in LINKS.items():
        (draft / name).symlink_to(target)
    try:
        draft.rename(root)
    except OSError:  # another one was first
        shutil.rmtree(draft)
