"""The native properties of datasets that can be set: zfsprops(7) of OpenZFS 2.3 as a table. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from apps.storage.domain.datasets import DatasetType

PropertyType = Literal["size", "number", "enum", "bool", "path"]
BOTH: tuple[DatasetType, ...] = ("filesystem", "volume")
FILESYSTEM: tuple[DatasetType, ...] = ("filesystem",)
VOLUME: tuple[DatasetType, ...] = ("volume",)
MIB = 1024**2


class Property(BaseModel):
    """One property: for validation, for its default, and for a form.

    ``values``: what an enum may be, or words that a size, number or path may be instead. ``least`` and ``most`` bound
    a size or number; ``settable``: always, or only when the dataset is created; ``danger``: what a person must know
    before, of the values ``risky`` (all when empty).
    """

    model_config = ConfigDict(frozen=True)

    name: str
    type: PropertyType
    default: str
    description: str
    types: tuple[DatasetType, ...] = BOTH
    values: tuple[str, ...] = ()
    inheritable: bool = True
    settable: Literal["always", "create"] = "always"
    least: int = 0
    most: int = 2**63 - 1
    power_of_two: bool = False
    danger: str = ""
    risky: tuple[str, ...] = ()


def _enum(name: str, values: str, description: str, **more: object) -> Property:
    words = tuple(values.split())
    return Property.model_validate(
        {"name": name, "type": "enum", "values": words, "default": words[0], "description": description, **more}
    )


def _bool(name: str, default: str, description: str, **more: object) -> Property:
    fields = {"name": name, "type": "bool", "values": ("on", "off"), "default": default, "description": description}
    return Property.model_validate({"types": FILESYSTEM, **fields, **more})


def _limit(name: str, description: str, **more: object) -> Property:
    """A size of which 0 and ``none`` mean that there is none."""
    fields = {"name": name, "type": "size", "values": ("none",), "default": "0", "description": description}
    return Property.model_validate({"inheritable": False, **fields, **more})


_GZIP = " ".join(f"gzip-{n}" for n in range(1, 10))
_ZSTD = " ".join(f"zstd-{n}" for n in range(1, 20))
_FAST = " ".join(f"zstd-fast-{n}" for n in (*range(1, 11), *range(20, 101, 10), 500, 1000))
_DIGESTS = ("sha256", "sha512", "skein", "blake3")
_DEDUP = " ".join(["off on verify", *_DIGESTS, *(f"{d},verify" for d in _DIGESTS), "edonr,verify"])
_CACHE = "all metadata none"

TABLE: tuple[Property, ...] = (
    _enum("aclinherit", "restricted discard noallow passthrough passthrough-x",
          "How ACL entries are inherited by new files.", types=FILESYSTEM),
    _enum("aclmode", "discard groupmask passthrough restricted", "What chmod does to an ACL.", types=FILESYSTEM),
    _enum("acltype", "off posix nfsv4", "Which kind of ACL files may have.", types=FILESYSTEM),
    _bool("atime", "on", "Record when a file was last read. Off saves writes."),
    _enum("canmount", "on off noauto", "Whether it can be mounted, and whether that happens by itself.",
          types=FILESYSTEM, inheritable=False),
    _enum("casesensitivity", "sensitive insensitive mixed", "Whether case matters in file names.",
          types=FILESYSTEM, settable="create"),
    _enum("checksum", "on off fletcher2 fletcher4 sha256 sha512 skein edonr blake3", "Which checksum guards the data.",
          danger="Without checksums ZFS finds and repairs no damage of the data.", risky=("off",)),
    _enum("compression", f"on off lz4 zstd {_ZSTD} zstd-fast {_FAST} gzip {_GZIP} zle lzjb",
          "How data written from now on is compressed. Data already there stays as it is."),
    _enum("copies", "1 2 3", "How many copies of each block are kept, on different disks where possible.",
          danger="Copies multiply the space taken and are no substitute for redundant vdevs.", risky=("2", "3")),
    _enum("dedup", _DEDUP, "Store equal blocks once.",
          danger="Deduplication needs memory for its table for ever, and can slow the whole pool down. It can't be "
                 "taken back for data already written.",
          risky=tuple(_DEDUP.split()[1:])),
    _bool("devices", "on", "Whether device nodes in it can be opened."),
    _enum("direct", "standard always disabled", "Whether O_DIRECT goes past the ARC.", types=FILESYSTEM),
    _enum("dnodesize", "legacy auto 1k 2k 4k 8k 16k", "Size of file metadata.", types=FILESYSTEM),
    _bool("exec", "on", "Whether programs in it can be started."),
    Property(name="filesystem_limit", type="number", default="none", values=("none",), types=FILESYSTEM,
             inheritable=False, description="How many file systems and volumes may be below it."),
    _enum("logbias", "latency throughput", "Whether synchronous writes use the log device."),
    _bool("longname", "off", "Whether file names may be longer than 255 bytes."),
    Property(name="mountpoint", type="path", default="", values=("none", "legacy"), types=FILESYSTEM,
             description="Where it is mounted. What is below it moves with it."),
    _bool("nbmand", "off", "Whether locks of SMB are mandatory for all."),
    _enum("normalization", "none formC formD formKC formKD", "How Unicode file names are compared.",
          types=FILESYSTEM, settable="create"),
    _bool("overlay", "on", "Whether it may be mounted over a folder that holds something."),
    _enum("prefetch", "all metadata none", "What is read ahead."),
    _enum("primarycache", _CACHE, "What is kept in the ARC.",
          danger="Without a cache each read goes to the disks.", risky=("none", "metadata")),
    _limit("quota", "Most space for it and all below it.", types=FILESYSTEM),
    _bool("readonly", "off", "Whether it can't be written to.", types=BOTH),
    Property(name="recordsize", type="size", default="131072", types=FILESYSTEM, least=512, most=16 * MIB,
             power_of_two=True, description="Largest block of a file. Holds for files written from now on.",
             danger="A record larger than what a program writes makes each of its writes read and write a whole "
                    "record; a small one costs space and compression."),
    _enum("redundant_metadata", "all most some none", "How much metadata is kept twice.",
          danger="With fewer copies one bad block can lose many files.", risky=("some", "none")),
    _limit("refquota", "Most space for its own data, without snapshots and what is below it.", types=FILESYSTEM),
    _limit("refreservation", "Space kept free for its own data, without snapshots."),
    _bool("relatime", "on", "With atime: record it only when it is older than a day or than the last change."),
    _limit("reservation", "Space kept free for it and all below it."),
    _enum("secondarycache", _CACHE, "What is kept in the cache devices."),
    _bool("setuid", "on", "Whether set-user-id programs in it have effect."),
    _enum("snapdev", "hidden visible", "Whether snapshots of volumes have device nodes."),
    _enum("snapdir", "hidden visible", "Whether .zfs is listed in its root folder.", types=FILESYSTEM),
    Property(name="snapshot_limit", type="number", default="none", values=("none",), inheritable=False,
             description="How many snapshots it and all below it may have."),
    Property(name="special_small_blocks", type="size", default="0", types=FILESYSTEM, most=16 * MIB, power_of_two=True,
             description="Blocks up to this size are stored on special vdevs.",
             danger="At or above the record size all data goes to the special vdevs, which may fill up."),
    _enum("sync", "standard always disabled", "Whether a program's wish that data is safe on disk is honoured.",
          danger="Disabled: the last seconds of writes are lost in a power failure although programs were told that "
                 "they are safe. Databases and virtual machines may be damaged.",
          risky=("disabled",)),
    _bool("utf8only", "off", "Whether file names must be UTF-8.", settable="create"),
    Property(name="volblocksize", type="size", default="16384", types=VOLUME, least=512, most=16 * MIB,
             power_of_two=True, settable="create", inheritable=False, description="Size of a volume's blocks."),
    _enum("volmode", "default full geom dev none", "How a volume appears as a device."),
    Property(name="volsize", type="size", default="", types=VOLUME, least=512, inheritable=False,
             description="A volume's size, a multiple of its block size.",
             danger="A smaller size cuts off the end of the volume and destroys the data there."),
    _bool("volthreading", "on", "Whether a volume's requests are worked on by many threads.", types=VOLUME),
    _bool("vscan", "off", "Whether files are scanned for viruses when they are opened."),
    _enum("xattr", "on off dir sa", "Whether files may have extended attributes, and where they are stored.",
          types=FILESYSTEM),
)  # fmt: skip
BY_NAME: dict[str, Property] = {prop.name: prop for prop in TABLE}

#: Properties with commands or fields of their own.
ELSEWHERE: dict[str, str] = {
    **dict.fromkeys(("encryption", "keyformat", "keylocation", "pbkdf2iters"), "It is set with `encryption` at "
                    "creation, and later with change-key."),
    **dict.fromkeys(("sharenfs", "sharesmb"), "Shares are not set by properties of datasets."),
}  # fmt: skip

READ_ONLY = frozenset([
    "available", "clones", "compressratio", "createtxg", "creation", "defer_destroy", "encryptionroot",
    "filesystem_count", "guid", "keystatus", "logicalreferenced", "logicalused", "mounted", "name", "objsetid",
    "origin", "receive_resume_token", "redact_snaps", "refcompressratio", "referenced", "snapshot_count",
    "snapshots_changed", "type", "used", "usedbychildren", "usedbydataset", "usedbyrefreservation", "usedbysnapshots",
    "userrefs", "version", "written",
])  # fmt: skip


def applies(name: str, to: DatasetType) -> bool:
    """Whether a dataset of this type has the property; user properties are for all."""
    return name not in BY_NAME or to in BY_NAME[name].types


def is_inheritable(name: str) -> bool:
    return name not in BY_NAME or BY_NAME[name].inheritable


def counts_as_unset(name: str, value: str) -> bool:
    """A limit of none is shown by ZFS as its default, not as set locally."""
    prop = BY_NAME.get(name)
    return prop is not None and prop.type in ("size", "number") and not prop.inheritable and value == prop.default
