"""Argument lists, read as texts."""

from __future__ import annotations

from apps.storage.adapters.zfs import argv
from apps.storage.adapters.zfs.quotas import quotas_argv, space_argv
from apps.storage.adapters.zfs.scan import own_argv
from apps.storage.domain.datasets import Quota


def words(words: list[str]) -> str:
    return " ".join(words)


def test_create() -> None:
    assert words(argv.create_argv("tank/a", {})) == "zfs create -- tank/a"
    assert words(argv.create_argv("tank/a/b", {"quota": "1", "x:y": "z"}, parents=True)) == (
        "zfs create -p -o quota=1 -o x:y=z -- tank/a/b"
    )
    assert words(argv.create_argv("tank/v", {}, volsize=1024, thin=True)) == "zfs create -s -V 1024 -- tank/v"
    assert words(argv.create_argv("tank/v", {}, volsize=1024)) == "zfs create -V 1024 -- tank/v"


def test_properties() -> None:
    assert words(argv.set_argv("tank/a", {"quota": "1", "atime": "off"})) == "zfs set quota=1 atime=off tank/a"
    assert (
        words(argv.set_argv("tank/a", {"quota": "0", "reservation": "0"})) == "zfs set quota=none reservation=0 tank/a"
    )
    assert words(argv.inherit_argv("tank/a", "quota")) == "zfs inherit -- quota tank/a"
    assert words(own_argv("tank")) == (
        "zfs get -Hp -r -t filesystem,volume -s local,received,temporary -o name,property,value,source -- all tank"
    )


def test_names() -> None:
    assert words(argv.rename_argv("tank/a", "tank/b")) == "zfs rename -- tank/a tank/b"
    assert words(argv.rename_argv("tank/a", "tank/b/c", parents=True)) == "zfs rename -p -- tank/a tank/b/c"
    assert words(argv.promote_argv("tank/a")) == "zfs promote tank/a"


def test_destroy() -> None:
    assert words(argv.destroy_argv("tank/a")) == "zfs destroy -- tank/a"
    assert words(argv.destroy_argv("tank/a", recursive=True)) == "zfs destroy -r -- tank/a"
    assert words(argv.destroy_argv("tank/a", recursive=True, clones=True, dry_run=True)) == (
        "zfs destroy -R -nvp -- tank/a"
    )


def test_mounts_and_keys() -> None:
    assert words(argv.mount_argv("tank/a")) == "zfs mount -- tank/a"
    assert words(argv.unmount_argv("tank/a", force=True)) == "zfs unmount -f -- tank/a"
    assert words(argv.load_key_argv("tank/a")) == "zfs load-key -- tank/a"
    assert words(argv.unload_key_argv("tank/a")) == "zfs unload-key -- tank/a"
    assert words(argv.change_key_argv("tank/a", "hex")) == (
        "zfs change-key -o keyformat=hex -o keylocation=prompt -- tank/a"
    )
    assert words(argv.inherit_key_argv("tank/a")) == "zfs change-key -i -- tank/a"


def test_quotas() -> None:
    asked = [
        Quota(kind="user", who="alice", space=10, objects=None),
        Quota(kind="project", who="7", space=None, objects=5),
    ]
    assert words(quotas_argv("tank/a", asked)) == (
        "zfs set userquota@alice=10 userobjquota@alice=none projectquota@7=none projectobjquota@7=5 tank/a"
    )
    assert words(space_argv("tank/a", "group")) == "zfs groupspace -Hp -o name,used,quota,objused,objquota -- tank/a"
