"""Encryption: `zfs load-key`, `unload-key`, `change-key`, and the key of a new dataset (libzfs_crypto.c).

The state keeps no key, only a salted hash of it. A dataset's key is JSON: suite; an encryption root has format,
location, iters, salt, hash and loaded, too, and a clone has the id of its origin's root.
"""

from __future__ import annotations

import json
import os
import re
import sys
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from calypso.lab.options import Options, Refused
from calypso.lab.state import change
from calypso.lab.zfs import usage
from calypso.lab.zfs.rights import unprivileged
from calypso.lab.zfs.tree import Forest, Item
from calypso.lab.zfs.values import Invalid, checked, pairs

PARAMETERS = ("encryption", "keyformat", "keylocation", "pbkdf2iters")
DEFAULT_ITERATIONS = "350000"
ROUNDS = 20_000  # of the hash kept here; the real tool's count would cost its seconds at each call
RAW, SHORTEST, LONGEST = 32, 8, 512


class Failed(Exception):  # it becomes a Refused with the words before it
    """What is wrong with a key, in the tool's words."""


def inherited(above: Item) -> dict[str, Any]:
    """The key of a dataset made below another without a wish of its own."""
    return {"suite": above.key["suite"]} if above.key else {}


def for_new(name: str, above: Item | None, properties: dict[str, str]) -> dict[str, Any]:
    """The key of a new dataset, read from where it says. {}: not encrypted. Raises Refused (zfs_crypto_create)."""
    try:
        return _for_new(name, above, properties)
    except Failed as failed:
        raise Refused(f"cannot create '{name}': {failed}\n") from None


def _for_new(name: str, above: Item | None, properties: dict[str, str]) -> dict[str, Any]:
    parent = above.key if above is not None else {}
    suite = properties.get("encryption")
    wanted = [word for word in PARAMETERS[1:] if word in properties]
    suite = {"on": "aes-256-gcm", None: parent.get("suite", "off")}.get(suite, suite)
    if suite == "off":
        if wanted:
            raise Failed("Encryption must be turned on to set encryption properties.")
        return {}
    if above is not None and not above.key_loaded:
        raise Failed("Parent key must be loaded.")
    if "keyformat" not in properties:
        if not parent or "keylocation" in properties:
            raise Failed("Keyformat required for new encryption root.")
        return {"suite": suite}
    return {"suite": suite, **_new(name, properties["keyformat"], properties)}


def _new(name: str, form: str, properties: dict[str, str]) -> dict[str, Any]:
    location = properties.get("keylocation", "prompt")
    given = _checked(form, _material(location, form, name, new=True))
    salt = os.urandom(16).hex()
    iterations = properties.get("pbkdf2iters", DEFAULT_ITERATIONS) if form == "passphrase" else "0"
    kept = {"format": form, "location": location, "iters": iterations, "salt": salt, "loaded": True}
    return {**kept, "hash": _hash(given, salt)}


def _hash(material: bytes, salt: str) -> str:
    return pbkdf2_hmac("sha256", material, bytes.fromhex(salt), ROUNDS).hex()


def _material(location: str, form: str, name: str, *, new: bool = False) -> bytes:
    """The key as it was typed, or as it is in the file."""
    if location == "prompt":
        return _prompted(form, name, new=new)
    if not location.startswith("file://"):
        raise Failed("The lab fetches no keys over the network.")
    try:
        with Path(unquote(location.removeprefix("file://"))).open("rb") as file:
            material = file.read()
    except OSError as error:
        raise Failed(f"Failed to open key material file: {error.strerror}") from None
    return material if form == "raw" else material.partition(b"\n")[0]


def _prompted(form: str, name: str, *, new: bool) -> bytes:
    if sys.stdin.isatty():
        import getpass  # only a person needs it

        noun = {"passphrase": "passphrase", "hex": "hex key", "raw": "raw key"}[form]
        typed = getpass.getpass(f"Enter new {noun}: " if new else f"Enter {noun} for '{name}': ")
        if new and getpass.getpass(f"Re-enter new {noun}: ") != typed:
            raise Failed("Provided keys do not match.")
        return typed.encode()
    source = getattr(sys.stdin, "buffer", None)
    if form == "raw":
        return source.read(RAW + 1) if source is not None else sys.stdin.read(RAW + 1).encode("latin-1")
    line = source.readline() if source is not None else sys.stdin.readline().encode()
    if not line:
        raise Failed("encryption failure")
    return bytes(line.removesuffix(b"\n"))


def _checked(form: str, material: bytes) -> bytes:
    size = len(material)
    if form == "passphrase":
        least, most, noun, verb = SHORTEST, LONGEST, "Passphrase", ("min", "max")
    elif form == "hex":
        least, most, noun, verb = RAW * 2, RAW * 2, "Hex key", ("expected", "expected")
    else:
        least, most, noun, verb = RAW, RAW, "Raw key", ("expected", "expected")
    if size < least:
        raise Failed(f"{noun} too short ({verb[0]} {least}).")
    if size > most:
        raise Failed(f"{noun} too long ({verb[1]} {most}).")
    if form == "hex" and not re.fullmatch(rb"[0-9A-Fa-f]+", material):
        raise Failed("Invalid hex character detected.")
    return material.lower() if form == "hex" else material


def matches(item: Item, location: str) -> bool:
    """Whether the key found at `location` is the dataset's. Raises Failed when it can't be one."""
    given = _checked(item.key["format"], _material(location, item.key["format"], item.name))
    return bool(_hash(given, item.key["salt"]) == item.key["hash"])


def save(item: Item) -> None:
    """Write the dataset's key as it is now."""
    item.tree.state.db.execute("UPDATE datasets SET key = ? WHERE id = ?", (json.dumps(item.key), item.id))


def load_key(argv: list[str]) -> int:
    return _each(argv, "load-key", Options(argv, "narL:", usage.of("load-key")))


def unload_key(argv: list[str]) -> int:
    return _each(argv, "unload-key", Options(argv, "ar", usage.of("unload-key")))


def _each(argv: list[str], command: str, given: Options) -> int:
    if given.has("a") == bool(given.operands):
        why = "dataset argument and '-a' are mutually exclusive" if given.operands else "Missing dataset argument or -a"
        raise Refused(f"{why}\n{usage.of(command)}", 2)
    many, loading, noop = given.has("a") or given.has("r"), command == "load-key", given.has("n")
    attempted = failed = 0
    with change() as state:
        for item in _chosen(Forest(state), given):
            if many and ("hash" not in item.key or (item.key["loaded"] == loading and not noop)):
                continue
            attempted += 1
            try:
                load(item, given.value("L"), noop=noop) if loading else unload(item)
            except Failed as error:
                failed += 1
                sys.stderr.write(f"Key {'load' if loading else 'unload'} error: {error}\n")
    if noop or (many and attempted):
        word = "verified" if noop else "loaded" if loading else "unloaded"
        sys.stdout.write(f"{attempted - failed} / {attempted} key(s) successfully {word}\n")
    return 255 if failed else 0


def _chosen(forest: Forest, given: Options) -> list[Item]:
    if given.has("a"):
        return [item for tree in forest.trees() for item in tree.by_name.values()]
    item = forest.open(given.operands[0])
    return [item, *(item.all_below() if given.has("r") else [])]


def load(item: Item, location: str | None = None, *, noop: bool = False) -> None:
    """zfs_crypto_load_key(); raises Failed."""
    _check_root(item, "loaded")
    if item.key["loaded"] and not noop:
        raise Failed(f"Key already loaded for '{item.name}'.")
    _check_privilege()
    if not matches(item, location or item.key["location"]):
        raise Failed(f"Incorrect key provided for '{item.name}'.")
    if not noop:
        item.key["loaded"] = True
        save(item)


def unload(item: Item) -> None:
    """zfs_crypto_unload_key(); raises Failed."""
    _check_root(item, "unloaded")
    if not item.key["loaded"]:
        raise Failed(f"Key already unloaded for '{item.name}'.")
    _check_privilege()
    using = [below for below in (item, *item.all_below()) if below.encryption_root is item]
    db = item.tree.state.db
    if any(below.row["mounted"] for below in using) or any(
        db.execute("SELECT 1 FROM holders WHERE dataset = ?", (below.id,)).fetchone() for below in using
    ):
        raise Failed(f"'{item.name}' is busy.")
    item.key["loaded"] = False
    save(item)


def _check_privilege() -> None:
    if unprivileged():
        raise Failed("Permission denied.")


def _check_root(item: Item, word: str) -> None:
    if not item.key:
        raise Failed(f"'{item.name}' is not encrypted.")
    root = item.encryption_root
    if root is not item:
        above = root.name if root else ""
        raise Failed(f"Keys must be {word} for encryption root of '{item.name}' ({above}).")


def change_key(argv: list[str]) -> int:
    text = usage.of("change-key")
    given = Options(argv, "ilo:", text)
    wished = pairs(given.values.get("o", []), text)
    if given.has("i") and wished:
        raise Refused("Properties not allowed for inheriting\n" + text, 2)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "Missing dataset argument\n") + text, 2)
    with change() as state:
        item = Forest(state).open(given.operands[0])
        try:
            if given.has("l") and item.key and not item.key_loaded and item.encryption_root is not None:
                load(item.encryption_root)
            _rewrap(item, wished, inherit=given.has("i"))
        except (Failed, Invalid) as error:
            raise Refused(f"Key change error: {error}\n", 255) from None
    return 0


def _rewrap(item: Item, wished: dict[str, str], *, inherit: bool) -> None:
    if not item.key:
        raise Failed("Dataset not encrypted.")
    if item.row["origin"]:
        raise Failed("Keys cannot be changed on clones.")
    is_root = item.encryption_root is item
    if inherit:
        _check_inherit(item, is_root)
        new: dict[str, Any] = {}
    else:
        if any(word not in PARAMETERS[1:] for word in wished):
            raise Failed("Only keyformat, keylocation and pbkdf2iters may be set with this command.")
        properties = checked(wished, item.type, creating=True)
        if not is_root and "keyformat" not in properties:
            raise Failed("Keyformat required for new encryption root.")
        kept = {"keyformat": item.key.get("format", ""), "keylocation": item.key.get("location", "prompt")}
        properties = kept | properties
        if not item.key_loaded:  # the real tool asks for the new key first
            _material(properties["keylocation"], properties["keyformat"], item.name, new=True)
        new = _new(item.name, properties["keyformat"], properties) if item.key_loaded else {}
    if not item.key_loaded:
        raise Failed("Key must be loaded.")
    _check_privilege()
    item.key = {"suite": item.key["suite"], **new}
    save(item)


def _check_inherit(item: Item, is_root: bool) -> None:
    if not is_root:
        raise Failed("Key inheritting can only be performed on encryption roots.")
    if item.parent is None:
        raise Failed("Root dataset cannot inherit key.")
    if not item.parent.key:
        raise Failed("Parent must be encrypted.")
    if not item.parent.key_loaded:
        raise Failed("Parent key must be loaded.")
