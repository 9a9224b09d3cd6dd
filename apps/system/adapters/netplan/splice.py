"""Edits one value of a YAML text and leaves every other byte: comments, order, quotes and indentation stay as they are.

The parser's marks tell where a value stands. What comes out is read again and must mean just what was asked.
New mappings have their keys in order: the plan's arguments come back from jsonb in another one, and must give the same.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import yaml

from calypso.kernel.errors import Conflict

Path = Sequence[str]
GONE = object()  # the value of what is to be removed


class NotEditable(Conflict):
    code = "file_not_editable"


class NotYaml(Conflict):
    code = "file_not_readable"


def load(text: str, name: str = "the file") -> dict[str, Any]:
    """The document as a mapping, {} for none. Raises NotYaml, which tells where."""
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        words = str(getattr(error, "problem", None) or "it is no YAML")
        raise NotYaml(
            f"{name} can't be read{where}: {words}.", hint="Correct it by hand; Calypso has not touched it."
        ) from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise NotYaml(f"{name} is no mapping.", hint="Correct it by hand; Calypso has not touched it.")
    return data


def edit(text: str, changes: Sequence[tuple[Path, Any]], name: str = "the file") -> str:
    """Sets values, or removes those that are GONE. Raises NotEditable when that can't be done safely."""
    wanted: Any = load(text, name)
    for path, value in changes:
        wanted = _with(wanted, path, value)
        text = _put(text, path, value)
    try:
        same = load(text) == wanted
    except NotYaml:
        same = False
    if not same:
        raise NotEditable(
            f"{name} is written in a way that Calypso can't edit safely.",
            hint="It may use anchors, tags or several documents: write it plainly, then ask again.",
        )
    return text


def _with(data: Any, path: Path, value: Any) -> Any:
    """What the document is to be."""
    data = copy.copy(data) if isinstance(data, dict) else {}
    if len(path) > 1:
        if value is GONE and not isinstance(data.get(path[0]), dict):
            return data
        data[path[0]] = _with(data.get(path[0]), path[1:], value)
    elif value is GONE:
        data.pop(path[0], None)
    else:
        data[path[0]] = value
    return data


def _put(text: str, path: Path, value: Any) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None or not isinstance(root, yaml.MappingNode):
        return text if value is GONE else _line(text) + _block(path, value, 0)
    node = root
    for depth, key in enumerate(path):
        if node.flow_style:  # one line as a rule: written anew as a whole
            return _replaced(text, node, _flow(_with(_plain(text, node), path[depth:], value)))
        found = _entry(node, key)
        if found is None:
            return text if value is GONE else _added(text, node, path[depth:], value)
        key_node, child = found
        if depth == len(path) - 1:
            return _removed(text, node, key_node, child) if value is GONE else _set(text, key_node, child, value)
        if not isinstance(child, yaml.MappingNode):
            return text if value is GONE else _set(text, key_node, child, _nested(path[depth + 1 :], value))
        node = child
    return text


def _entry(node: yaml.MappingNode, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    return next(((k, v) for k, v in node.value if getattr(k, "value", None) == key), None)


def _set(text: str, key: yaml.Node, child: yaml.Node, value: Any) -> str:
    """The value that stands after a key of a block mapping."""
    start, end = key.end_mark.index, _end(child)
    indent = key.start_mark.column
    return text[:start] + _after(value, indent) + text[end:]


def _after(value: Any, indent: int) -> str:
    """What stands after a key: mappings below it, all else on its line."""
    if isinstance(value, dict) and value:
        return ":\n" + "".join(_block([key], each, indent + 2) for key, each in sorted(value.items())).rstrip("\n")
    return f": {_flow(value)}"


def _replaced(text: str, node: yaml.Node, words: str) -> str:
    return text[: node.start_mark.index] + words + text[node.end_mark.index :]


def _added(text: str, node: yaml.MappingNode, path: Path, value: Any) -> str:
    """A new entry below the last one of a block mapping, at its indentation."""
    last = _end(node.value[-1][1])
    at = text.find("\n", last)
    at = len(text) if at < 0 else at
    return text[:at] + "\n" + _block(path, value, node.value[0][0].start_mark.column).rstrip("\n") + text[at:]


def _removed(text: str, node: yaml.MappingNode, key: yaml.Node, child: yaml.Node) -> str:
    """Without an entry's lines; a mapping that would be empty says so."""
    if len(node.value) == 1:
        return text[: node.start_mark.index] + "{}" + text[_end(child) :]
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = text.find("\n", _end(child))
    return text[:start] + ("" if end < 0 else text[end + 1 :])


def _end(node: yaml.Node) -> int:
    """Where a value's last character is. A block's own mark stands where the next begins, comments and all."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _plain(text: str, node: yaml.Node) -> Any:
    return yaml.safe_load(text[node.start_mark.index : node.end_mark.index])


def _nested(path: Path, value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _block(path: Path, value: Any, indent: int) -> str:
    nested = _nested(path[1:], value)
    return " " * indent + _flow(path[0]) + _after(nested, indent) + "\n"


def _flow(value: Any) -> str:
    words = yaml.safe_dump(value, default_flow_style=True, width=10**6, sort_keys=True, allow_unicode=True)
    return words.removesuffix("\n").removesuffix("\n...")


def _line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
