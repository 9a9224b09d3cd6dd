"""The properties of datasets as zfs_prop.c registers them: order, headings, defaults, values, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

ON_OFF = "on | off"
COMPRESSION = (
    "on | off | lzjb | gzip | gzip-[1-9] | zle | lz4 | zstd | zstd-[1-19] | zstd-fast |"
    " zstd-fast-[1-10,20,30,40,50,60,70,80,90,100,500,1000]"
)
CHECKSUMS = "on | off | fletcher2 | fletcher4 | sha256 | sha512 | skein | edonr | blake3"
DEDUP = "on | off | verify | sha256[,verify] | sha512[,verify] | skein[,verify] | edonr,verify | blake3[,verify]"
SUITES = "on | off | aes-128-ccm | aes-192-ccm | aes-256-ccm | aes-128-gcm | aes-192-gcm | aes-256-gcm"
CACHES = "all | none | metadata"


class Property(NamedTuple):
    """way: r read-only, i inherited, d not inherited, o once at creation. kind: size, number, index, text, time, ratio.

    types: which of filesystem, volume, snapshot, bookmark have it, by first letter. values: as in refusals.
    """

    name: str
    heading: str
    way: str
    kind: str
    types: str
    default: str = "-"
    values: str = ""

    @property
    def right(self) -> bool:
        """Whether `zfs list` aligns it to the right."""
        return self.kind in ("size", "number", "ratio")


def _table() -> Iterator[Property]:
    p = Property
    yield p("type", "TYPE", "r", "text", "fvsb")
    yield p("creation", "CREATION", "r", "time", "fvsb")
    yield p("used", "USED", "r", "size", "fvs")
    yield p("available", "AVAIL", "r", "size", "fv")
    yield p("referenced", "REFER", "r", "size", "fvsb")
    yield p("compressratio", "RATIO", "r", "ratio", "fvs")
    yield p("mounted", "MOUNTED", "r", "text", "f")
    yield p("origin", "ORIGIN", "r", "text", "fv")
    yield p("quota", "QUOTA", "d", "size", "f", "0")
    yield p("reservation", "RESERV", "d", "size", "fv", "0")
    yield p("volsize", "VOLSIZE", "d", "size", "vs")
    yield p("volblocksize", "VOLBLOCK", "o", "size", "v", "16384")
    yield p("recordsize", "RECSIZE", "i", "size", "f", "131072")
    yield p("mountpoint", "MOUNTPOINT", "i", "text", "f", "/")
    yield p("sharenfs", "SHARENFS", "i", "text", "f", "off")
    yield p("checksum", "CHECKSUM", "i", "index", "fv", "on", CHECKSUMS)
    yield p("compression", "COMPRESS", "i", "index", "fv", "on", COMPRESSION)
    yield p("atime", "ATIME", "i", "index", "f", "on", ON_OFF)
    yield p("devices", "DEVICES", "i", "index", "fs", "on", ON_OFF)
    yield p("exec", "EXEC", "i", "index", "fs", "on", ON_OFF)
    yield p("setuid", "SETUID", "i", "index", "fs", "on", ON_OFF)
    yield p("readonly", "RDONLY", "i", "index", "fv", "off", ON_OFF)
    yield p("zoned", "ZONED", "i", "index", "f", "off", ON_OFF)
    yield p("snapdir", "SNAPDIR", "i", "index", "f", "hidden", "disabled | hidden | visible")
    yield p("aclmode", "ACLMODE", "i", "index", "f", "discard", "discard | groupmask | passthrough | restricted")
    acl_inherit = "discard | noallow | restricted | passthrough | passthrough-x"
    yield p("aclinherit", "ACLINHERIT", "i", "index", "f", "restricted", acl_inherit)
    yield p("createtxg", "CREATETXG", "r", "number", "fvsb")
    yield p("canmount", "CANMOUNT", "d", "index", "f", "on", "on | off | noauto")
    yield p("xattr", "XATTR", "i", "index", "fs", "on", "on | off | dir | sa")
    yield p("copies", "COPIES", "i", "index", "fv", "1", "1 | 2 | 3")
    yield p("version", "VERSION", "d", "index", "fs", "5", "1 | 2 | 3 | 4 | 5 | current")
    yield p("utf8only", "UTF8ONLY", "o", "index", "fs", "off", ON_OFF)
    yield p("normalization", "NORMALIZATION", "o", "index", "fs", "none", "none | formC | formD | formKC | formKD")
    yield p("casesensitivity", "CASE", "o", "index", "fs", "sensitive", "sensitive | insensitive | mixed")
    yield p("vscan", "VSCAN", "i", "index", "f", "off", ON_OFF)
    yield p("nbmand", "NBMAND", "i", "index", "fs", "off", ON_OFF)
    yield p("sharesmb", "SHARESMB", "i", "text", "f", "off")
    yield p("refquota", "REFQUOTA", "d", "size", "f", "0")
    yield p("refreservation", "REFRESERV", "d", "size", "fv", "0")
    yield p("guid", "GUID", "r", "number", "fvsb")
    yield p("primarycache", "PRIMARYCACHE", "i", "index", "fvs", "all", CACHES)
    yield p("secondarycache", "SECONDARYCACHE", "i", "index", "fvs", "all", CACHES)
    yield p("usedbysnapshots", "USEDSNAP", "r", "size", "fv")
    yield p("usedbydataset", "USEDDS", "r", "size", "fv")
    yield p("usedbychildren", "USEDCHILD", "r", "size", "fv")
    yield p("usedbyrefreservation", "USEDREFRESERV", "r", "size", "fv")
    yield p("defer_destroy", "DEFER_DESTROY", "r", "text", "s")
    yield p("userrefs", "USERREFS", "r", "number", "s")
    yield p("logbias", "LOGBIAS", "i", "index", "fv", "latency", "latency | throughput")
    yield p("objsetid", "OBJSETID", "r", "number", "fvs")
    yield p("dedup", "DEDUP", "i", "index", "fv", "off", DEDUP)
    yield p("mlslabel", "MLSLABEL", "i", "text", "fvs", "none")
    yield p("sync", "SYNC", "i", "index", "fv", "standard", "standard | always | disabled")
    yield p("dnodesize", "DNSIZE", "i", "index", "f", "legacy", "legacy | auto | 1k | 2k | 4k | 8k | 16k")
    yield p("refcompressratio", "REFRATIO", "r", "ratio", "fvs")
    yield p("written", "WRITTEN", "r", "size", "fvs")
    yield p("clones", "CLONES", "r", "text", "s")
    yield p("logicalused", "LUSED", "r", "size", "fv")
    yield p("logicalreferenced", "LREFER", "r", "size", "fvsb")
    yield p("volmode", "VOLMODE", "i", "index", "fv", "default", "default | full | geom | dev | none")
    yield p("filesystem_limit", "FSLIMIT", "d", "number", "f", "none")
    yield p("snapshot_limit", "SSLIMIT", "d", "number", "fv", "none")
    yield p("filesystem_count", "FSCOUNT", "r", "number", "f", "none")
    yield p("snapshot_count", "SSCOUNT", "r", "number", "fv", "none")
    yield p("snapdev", "SNAPDEV", "i", "index", "fv", "hidden", "hidden | visible")
    yield p("acltype", "ACLTYPE", "i", "index", "fs", "off", "off | nfsv4 | posix")
    yield p("context", "CONTEXT", "d", "text", "fvs", "none")
    yield p("fscontext", "FSCONTEXT", "d", "text", "fvs", "none")
    yield p("defcontext", "DEFCONTEXT", "d", "text", "fvs", "none")
    yield p("rootcontext", "ROOTCONTEXT", "d", "text", "fvs", "none")
    yield p("relatime", "RELATIME", "i", "index", "f", "on", ON_OFF)
    yield p("redundant_metadata", "REDUND_MD", "i", "index", "fv", "all", "all | most | some | none")
    yield p("overlay", "OVERLAY", "i", "index", "f", "on", ON_OFF)
    yield p("receive_resume_token", "RESUMETOK", "r", "text", "fv")
    yield p("encryption", "ENCRYPTION", "o", "index", "fvs", "off", SUITES)
    yield p("keylocation", "KEYLOCATION", "d", "text", "fv", "none", "prompt | <file URI> | <https URL> | <http URL>")
    yield p("keyformat", "KEYFORMAT", "o", "index", "fv", "none", "none | raw | hex | passphrase")
    yield p("pbkdf2iters", "PBKDF2ITERS", "o", "number", "fv", "0")
    yield p("encryptionroot", "ENCROOT", "r", "text", "fvs")
    yield p("keystatus", "KEYSTATUS", "r", "text", "fvs")
    yield p("special_small_blocks", "SPECIAL_SMALL_BLOCKS", "i", "size", "f", "0")
    yield p("snapshots_changed", "SNAPSHOTS_CHANGED", "r", "time", "fv")
    yield p("prefetch", "PREFETCH", "i", "index", "fv", "all", "none | metadata | all")
    yield p("volthreading", "VOLTHREADING", "i", "index", "v", "on", ON_OFF)
    yield p("direct", "DIRECT", "i", "index", "f", "standard", "disabled | standard | always")
    yield p("longname", "LONGNAME", "i", "index", "f", "off", ON_OFF)


PROPERTIES = {found.name: found for found in _table()}
NAME = Property("name", "NAME", "r", "text", "fvsb")
ALIASES = {
    "avail": "available", "refer": "referenced", "ratio": "compressratio", "reserv": "reservation",
    "refreserv": "refreservation", "volblock": "volblocksize", "recsize": "recordsize", "compress": "compression",
    "rdonly": "readonly", "utf8": "utf8only", "norm": "normalization", "case": "casesensitivity",
    "refratio": "refcompressratio", "lused": "logicalused", "lrefer": "logicalreferenced",
    "usedsnap": "usedbysnapshots",
    "usedds": "usedbydataset", "usedchild": "usedbychildren", "usedrefreserv": "usedbyrefreservation",
    "dnsize": "dnodesize", "redund_md": "redundant_metadata", "fslimit": "filesystem_limit",
    "sslimit": "snapshot_limit", "fscount": "filesystem_count", "sscount": "snapshot_count",
    "encroot": "encryptionroot",
    "resumetok": "receive_resume_token",
}  # fmt: skip
LETTERS = {"filesystem": "f", "volume": "v", "snapshot": "s", "bookmark": "b"}
ZERO_IS_NONE = ("quota", "refquota", "reservation", "refreservation", "special_small_blocks")
QUOTA_WORDS = (
    "userused", "userquota", "groupused", "groupquota", "projectused", "projectquota",
    "userobjused", "userobjquota", "groupobjused", "groupobjquota", "projectobjused", "projectobjquota",
)  # fmt: skip


def full_name(word: str) -> str:
    """The property's name; its heading and short forms will do, in any case as far as they are known."""
    return ALIASES.get(word, word)


def user_defined(name: str) -> bool:
    """Whether it is a name that users may give."""
    return ":" in name and len(name) < 256 and all(letter in USER_LETTERS for letter in name)


USER_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789:-._/ ")


def of_quota(name: str) -> bool:
    """Whether it is one of userquota@someone and the like."""
    return name.partition("@")[0] in QUOTA_WORDS and "@" in name


def known(name: str) -> bool:
    """Whether a listing takes it as a column."""
    return name == "name" or name in PROPERTIES or user_defined(name) or of_quota(name) or name[:8] == "written@"
