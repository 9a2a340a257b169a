"""JSON with comments, read with the places of its values, so that one can be put in between.

Settings of editors are written by hand: their comments, order, indentation and commas at the end
are kept byte for byte, and an edit is a few insertions. What is read here is JSON, ``//`` and
``/* */`` comments, and commas before a closing bracket; anything else is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# Deeper nesting, more values, and a larger file, are nobody's configuration: an edit reads the file
# several times, at some microseconds a value.
_MOST_DEPTH = 100
_MOST_VALUES = 50_000
_SPACE = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = re.compile(r"-?\d[\d.eE+-]*|true|false|null")


class JsoncError(ValueError):
    """A text is not JSON with comments; the message says where."""


@dataclass(slots=True)
class Value:
    """A value and where it stands."""

    start: int
    end: int
    data: Any
    members: dict[str, Value] = field(default_factory=dict)
    """Of an object: its values by key, the last of each."""
    first_key: int | None = None
    """Of an object: where its first key begins."""
    last_end: int | None = None
    """Of an object: where its last value ends."""
    ends_in_comma: bool = False
    """Of an object: whether a comma follows its last value."""


def parse(text: str) -> Value:
    """Read a text.

    Args:
        text: JSON, perhaps with comments.

    Returns:
        Its value.

    Raises:
        JsoncError: If it is none.
    """
    value, end = _value(text, _skip(text, 0), 0, iter(range(_MOST_VALUES)))
    end = _skip(text, end)
    if end < len(text):
        raise _fault(text, end, "something follows the end")
    return value


def put(text: str, keys: tuple[str, ...], entry: dict[str, Any], *, is_whole: bool = False) -> str:
    """Return a text in which an entry stands under some keys.

    Args:
        text: JSON whose top is an object, or nothing.
        keys: One for each level; what is missing is made.
        entry: What stands there after.
        is_whole: Whether an entry of the same name loses what it has beside, which else is kept.

    Returns:
        The text, otherwise unchanged.

    Raises:
        JsoncError: If the text cannot be read, or something else than an object is in the way.
    """
    if not text.strip():
        text = "{}" + (text or "\n")
    root = parse(text)
    value, depth = root, 0
    while depth < len(keys) and keys[depth] in value.members:
        value, depth = value.members[keys[depth]], depth + 1
        if not isinstance(value.data, dict):
            raise JsoncError(f"{'.'.join(keys[:depth])} is not an object")
    if not isinstance(root.data, dict):
        raise JsoncError("its top is not an object")
    style = _Style.of(text, root)
    if depth < len(keys):
        wanted: Any = entry
        for key in reversed(keys[depth + 1 :]):
            wanted = {key: wanted}
        return _insert(text, value, keys[depth], wanted, depth + 1, style)
    if is_whole:
        if value.data == entry:
            return text
        return text[: value.start] + style.render(entry, depth) + text[value.end :]
    for key, wanted in entry.items():  # the entry is there: what differs is set, one by one
        if key not in value.members:
            text = _insert(text, value, key, wanted, depth + 1, style)
        elif value.members[key].data != wanted:
            old = value.members[key]
            shown = style.render(wanted, depth + 1)
            text = text[: old.start] + shown + text[old.end :]
        else:
            continue
        value = parse(text)
        for name in keys:
            value = value.members[name]
    return text


@dataclass(frozen=True, slots=True)
class _Style:
    """How a file is laid out."""

    unit: str
    newline: str

    @classmethod
    def of(cls, text: str, root: Value) -> _Style:
        newline = "\r\n" if "\r\n" in text else "\n"
        unit = _indent_before(text, root.first_key) if root.first_key is not None else None
        return cls(unit or "  ", newline)

    def render(self, value: Any, depth: int) -> str:
        """Return a value as it stands at a depth."""
        shown = json.dumps(value, indent=self.unit, ensure_ascii=False)
        return shown.replace("\n", self.newline + self.unit * depth)


def _insert(text: str, value: Value, key: str, wanted: Any, depth: int, style: _Style) -> str:
    """Return a text with one more member at the end of an object."""
    close = value.end - 1
    own = _indent_before(text, value.first_key) if value.first_key is not None else None
    indent = own if own is not None else style.unit * depth
    shown = style.render(wanted, depth)
    member = f"{style.newline}{indent}{json.dumps(key, ensure_ascii=False)}: {shown}"
    kept = len(text[:close].rstrip(" \t\r\n"))
    tail = text[kept:close]
    outer = style.newline + style.unit * (depth - 1)
    closing = tail if "\n" in tail else outer
    comma = "," if value.last_end is not None and not value.ends_in_comma else ""
    cut = value.last_end if value.last_end is not None else kept
    after = "," if value.ends_in_comma else ""
    return f"{text[:cut]}{comma}{text[cut:kept]}{member}{after}{closing}{text[close:]}"


def _indent_before(text: str, place: int | None) -> str | None:
    """Return the white space before a place if nothing else stands on its line before it."""
    if place is None:
        return None
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return line if not line.strip() and "\n" in text[:place] else None


def _value(text: str, at: int, depth: int, left: Iterator[int]) -> tuple[Value, int]:
    """Read a value; ``left`` has an item for each that may still come."""
    if next(left, None) is None:
        raise _fault(text, at, f"it has more than {_MOST_VALUES:,} values")
    if depth > _MOST_DEPTH:
        raise _fault(text, at, "it is nested too deep")
    opening = text[at : at + 1]
    if opening == "{":
        return _object(text, at, depth, left)
    if opening == "[":
        return _array(text, at, depth, left)
    found = (_STRING if opening == '"' else _SCALAR).match(text, at)
    if found is None:
        raise _fault(text, at, "a value is missing")
    try:
        data = json.loads(found[0])
    except ValueError as error:
        raise _fault(text, at, "a value is not JSON") from error
    return Value(at, found.end(), data), found.end()


def _object(text: str, start: int, depth: int, left: Iterator[int]) -> tuple[Value, int]:
    value = Value(start, start, {})
    at = _skip(text, start + 1)
    while text[at : at + 1] != "}":
        if value.last_end is not None and not value.ends_in_comma:
            raise _fault(text, at, "a comma is missing")
        key = _STRING.match(text, at)
        if key is None:
            raise _fault(text, at, "a key is missing")
        if value.first_key is None:
            value.first_key = at
        name = json.loads(key[0])
        at = _skip(text, key.end())
        if text[at : at + 1] != ":":
            raise _fault(text, at, "a colon is missing")
        member, end = _value(text, _skip(text, at + 1), depth + 1, left)
        value.members[name], value.data[name] = member, member.data
        value.last_end = end
        at = _skip(text, end)
        value.ends_in_comma = text[at : at + 1] == ","
        if value.ends_in_comma:
            at = _skip(text, at + 1)
    value.end = at + 1
    return value, value.end


def _array(text: str, start: int, depth: int, left: Iterator[int]) -> tuple[Value, int]:
    items: list[Any] = []
    at, has_comma = _skip(text, start + 1), True
    while text[at : at + 1] != "]":
        if not has_comma:
            raise _fault(text, at, "a comma is missing")
        item, end = _value(text, at, depth + 1, left)
        items.append(item.data)
        at = _skip(text, end)
        has_comma = text[at : at + 1] == ","
        if has_comma:
            at = _skip(text, at + 1)
    return Value(start, at + 1, items), at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _fault(text: str, at: int, what: str) -> JsoncError:
    line = text.count("\n", 0, at) + 1
    return JsoncError(f"{what} in line {line}")
