"""The units that the lab's box has on its first day: name, description, sub-state, file state, reloads, requires."""

from __future__ import annotations

Row = tuple[str, str, str, str, bool, tuple[str, ...]]

_RUNNING = (
    ("chrony.service", "chrony, an NTP client/server", "enabled", False),
    ("cron.service", "Regular background program processing daemon", "enabled", False),
    ("dbus.service", "D-Bus System Message Bus", "static", True),
    ("getty@tty1.service", "Getty on tty1", "enabled", False),
    ("iscsid.service", "iSCSI initiator daemon (iscsid)", "disabled", False),
    ("nfs-server.service", "NFS server and services", "enabled", True),
    ("postgresql@15-main.service", "PostgreSQL Cluster 15-main", "enabled-runtime", True),
    ("ssh.service", "OpenBSD Secure Shell server", "enabled", True),
    ("systemd-journald.service", "Journal Service", "static", False),
    ("systemd-logind.service", "User Login Management", "static", False),
    ("systemd-networkd.service", "Network Configuration", "enabled", True),
    ("systemd-resolved.service", "Network Name Resolution", "enabled", False),
    ("systemd-udevd.service", "Rule-based Manager for Device Events and Files", "static", True),
    ("zfs-zed.service", "ZFS Event Daemon (zed)", "enabled", False),
    ("bacula-director.service", "Bacula Director Daemon service", "enabled", True),
    ("bacula-fd.service", "Bacula File Daemon service", "enabled", False),
    ("bacula-sd.service", "Bacula Storage Daemon service", "enabled", False),
    ("vtllibrary@10.service", "Daemon service for virtual tape library", "indirect", False),
    ("vtltape@11.service", "Daemon service for virtual tape", "indirect", False),
    ("vtltape@12.service", "Daemon service for virtual tape", "indirect", False),
)
_EXITED = (
    ("mhvtl-load-modules.service", "Load mhvtl modules", "enabled"),
    ("postgresql.service", "PostgreSQL RDBMS", "enabled"),
    ("scst.service", "SCST - A Generic SCSI Target Subsystem", "enabled"),
    ("systemd-modules-load.service", "Load Kernel Modules", "static"),
    ("systemd-sysctl.service", "Apply Kernel Variables", "static"),
    ("zfs-import-cache.service", "Import ZFS pools by cache file", "enabled"),
    ("zfs-mount.service", "Mount ZFS filesystems", "enabled"),
    ("zfs-share.service", "ZFS file system shares", "enabled"),
)
_DEAD = (
    ("apt-daily.service", "Daily apt download activities", "static"),
    ("fstrim.service", "Discard unused blocks on filesystems from /etc/fstab", "static"),
    ("rsync.service", "fast remote file copy program daemon", "disabled"),
    ("smartmontools.service", "Self Monitoring and Reporting Technology (SMART) Daemon", "disabled"),
    ("sudo.service", "sudo.service", "masked"),
    ("systemd-timesyncd.service", "Network Time Synchronization", "disabled"),
    ("zfs-import-scan.service", "Import ZFS pools by device scanning", "disabled"),
)
_NEEDS = {
    "bacula-director.service": ("postgresql.service",),
    "nfs-server.service": ("network.target",),
    "vtllibrary@10.service": ("mhvtl-load-modules.service",),
    "zfs-mount.service": ("zfs-import-cache.service",),
}

DEFAULT_UNITS: tuple[Row, ...] = (
    *((name, words, "running", state, reloads, _NEEDS.get(name, ())) for name, words, state, reloads in _RUNNING),
    *((name, words, "exited", state, False, _NEEDS.get(name, ())) for name, words, state in _EXITED),
    *((name, words, "dead", state, False, ()) for name, words, state in _DEAD),
    (
        "mhvtl.target",
        "mhvtl service allowing to start/stop all vtltape@ and vtllibrary@ instances",
        "active",
        "enabled",
        False,
        ("mhvtl-load-modules.service",),
    ),
)
