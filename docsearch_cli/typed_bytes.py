"""Values as bytes and back, by the types that they are declared with.

What crosses between machines is never unpickled: the reader says which type it expects, and bytes
that do not spell a value of it are refused. A value is one JSON text, followed by its binary parts:

    length of the JSON (8 bytes, big-endian) | JSON | binary parts, one after the other

The JSON holds the value, in which arrays and bytes are numbers of parts, and the parts' sizes. No
name of a class is in it.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

_LENGTH = struct.Struct("!Q")
_PLAIN = (str, int, bool, float)
# Kinds of numbers that an array may hold: nothing that stands for an object.
_NUMBERS = "biuf"
# Whole numbers that every table of ours can hold.
_WHOLE = range(-(1 << 63), 1 << 63)
# Lists and objects within each other, in plain JSON.
_MOST_DEEP = 50
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Value = TypeVar("Value")
Write = Callable[[Any, "list[bytes]"], Any]
Read = Callable[[Any, "Sequence[memoryview]"], Any]


class _Form(NamedTuple):
    """How values of one type are written and read."""

    write: Write
    read: Read


class TypedBytes:
    """Writes and reads values of declared types.

    A type is a dataclass, a named tuple, a tuple, a mapping, an array of numbers, ``bytes``, a
    ``Path``, a literal, text, a number, ``Any`` for plain JSON, or one of these or None.

    Args:
        names: Classes that the declarations name and do not import when they run.
    """

    def __init__(self, names: Mapping[str, Any] | None = None) -> None:
        self._names = dict(names or {})
        self._forms: dict[Any, _Form] = {}

    def write(self, kind: Any, value: Any) -> bytes:
        """Return a value as bytes.

        Args:
            kind: Its type.
            value: What to write.

        Returns:
            The bytes.
        """
        parts: list[bytes] = []
        spelled = self._form(kind).write(value, parts)
        head = json.dumps([spelled, [len(part) for part in parts]]).encode("ascii")
        return b"".join((_LENGTH.pack(len(head)), head, *parts))

    def read(self, kind: type[Value], data: bytes, *, is_utf8: bool = False) -> Value:
        """Return the value that bytes spell.

        Args:
            kind: The type that is expected.
            data: The bytes.
            is_utf8: Refuse text that cannot be written in UTF-8; names of files may be such.

        Returns:
            The value; its numbers are finite, and the whole ones fit 64 bits.

        Raises:
            ValueError: If they spell none.
        """
        try:
            spelled, parts = _cut(memoryview(data), is_utf8=is_utf8)
            value: Value = self._form(kind).read(spelled, parts)
            return value
        except (TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
            raise ValueError(f"no {_name(kind)}: {error}") from error

    def _form(self, kind: Any) -> _Form:
        if kind not in self._forms:
            # A type may hold values of its own kind: it is found here before it is made.
            self._forms[kind] = _Form(
                lambda value, parts: self._forms[kind].write(value, parts),
                lambda value, parts: self._forms[kind].read(value, parts),
            )
            try:
                self._forms[kind] = self._make_form(kind)
            except BaseException:
                del self._forms[kind]
                raise
        return self._forms[kind]

    def _make_form(self, kind: Any) -> _Form:
        kind = _named(kind)
        origin, inner = get_origin(kind), get_args(kind)
        if kind is Any:
            return _Form(lambda value, _parts: value, lambda value, _parts: _check_json(value))
        if kind in (*_PLAIN, NoneType):
            return _plain(kind)
        if kind is bytes:
            return _Form(_write_part, lambda value, parts: bytes(parts[_place(value)]))
        if kind is Path:
            return _Form(lambda value, _parts: str(value), lambda value, _p: Path(_text(value)))
        if origin is Literal:
            return _literal(kind)
        if origin in (Union, UnionType):
            return self._optional(kind, inner)
        if origin is np.ndarray:
            return _array(np.dtype(get_args(inner[1])[0]))
        if origin is tuple:
            return self._tuple(inner)
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return self._tuple((inner[0], ...))
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self._mapping(*inner)
        if is_dataclass(kind) or hasattr(kind, "_fields"):
            return self._record(kind)
        raise TypeError(f"values of {_name(kind)} cannot be written as bytes")

    def _optional(self, kind: Any, inner: tuple[Any, ...]) -> _Form:
        """Return the form of a type or None, or of several plain types."""
        others = [part for part in inner if part is not NoneType]
        if len(others) > 1:
            if not all(part in _PLAIN or get_origin(part) is Literal for part in others):
                raise TypeError(f"which of {kind} a value is cannot be told")
            return _one_of([self._form(part) for part in inner])
        form = self._form(others[0])
        return _Form(
            lambda value, parts: None if value is None else form.write(value, parts),
            lambda value, parts: None if value is None else form.read(value, parts),
        )

    def _tuple(self, inner: tuple[Any, ...]) -> _Form:
        if len(inner) == 2 and inner[1] is ...:
            form = self._form(inner[0])
            return _Form(
                lambda value, parts: [form.write(item, parts) for item in value],
                lambda value, parts: tuple(form.read(item, parts) for item in _list(value)),
            )
        forms = [self._form(part) for part in inner]
        return _Form(
            lambda value, parts: [
                form.write(item, parts) for form, item in zip(forms, value, strict=True)
            ],
            lambda value, parts: tuple(_read_all(forms, value, parts)),
        )

    def _mapping(self, key: Any, inner: Any) -> _Form:
        keys, values = self._form(key), self._form(inner)
        return _Form(
            lambda value, parts: [
                [keys.write(name, parts), values.write(item, parts)] for name, item in value.items()
            ],
            lambda value, parts: {
                keys.read(name, parts): values.read(item, parts) for name, item in _list(value)
            },
        )

    def _record(self, kind: Any) -> _Form:
        hints = get_type_hints(kind, localns=self._names)
        names = [item.name for item in fields(kind)] if is_dataclass(kind) else kind._fields
        forms = [self._form(hints[name]) for name in names]
        return _Form(
            lambda value, parts: [
                form.write(getattr(value, name), parts)
                for name, form in zip(names, forms, strict=True)
            ],
            lambda value, parts: kind(*_read_all(forms, value, parts)),
        )


def _cut(data: memoryview, *, is_utf8: bool) -> tuple[Any, list[memoryview]]:
    """Return the JSON value at the beginning of some bytes, and the parts behind it."""
    if len(data) < _LENGTH.size:
        raise ValueError("it is too short")
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    if len(data) < start:
        raise ValueError("it is cut off")
    head = bytes(data[_LENGTH.size : start])
    spelled, sizes = json.loads(head.decode("ascii"))
    if is_utf8 and _SURROGATE.search(head):
        json.dumps(spelled, ensure_ascii=False).encode("utf-8")
    parts: list[memoryview] = []
    for size in _list(sizes):
        end = start + _place(size)
        parts.append(data[start:end])
        start = end
    if start != len(data):
        raise ValueError("its length is not what it says")
    return spelled, parts


def _named(kind: Any) -> Any:
    """Return the type that an alias stands for, such as NDArray from NumPy 2.5 on; else itself."""
    alias, inner = get_origin(kind) or kind, get_args(kind)
    if not hasattr(alias, "__value__"):
        return kind
    return _named(alias.__value__[inner] if inner else alias.__value__)


def _plain(kind: Any) -> _Form:
    def read(value: Any, _parts: Sequence[memoryview]) -> Any:
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise TypeError(f"{str(value)[:50]!r} is no {_name(kind)}")
        return _check_number(value)

    return _Form(lambda value, _parts: value, read)


def _check_number(value: Any) -> Any:
    """Return a plain value; a number only if it is finite and fits 64 bits."""
    if type(value) is int and value not in _WHOLE:
        raise ValueError("a whole number is too large")
    if type(value) is float and not math.isfinite(value):
        raise ValueError(f"{value} is no number")
    return value


def _check_json(value: Any, depth: int = 0) -> Any:
    if depth > _MOST_DEEP:
        raise ValueError("it is nested too deep")
    inner = value.values() if type(value) is dict else value if type(value) is list else ()
    for item in inner:
        _check_json(item, depth + 1)
    return _check_number(value)


def _one_of(forms: Sequence[_Form]) -> _Form:
    def read(value: Any, parts: Sequence[memoryview]) -> Any:
        for form in forms:
            try:
                return form.read(value, parts)
            except TypeError as error:
                refused = error
        raise refused

    return _Form(lambda value, _parts: value, read)


def _literal(kind: Any) -> _Form:
    allowed = get_args(kind)

    def read(value: Any, _parts: Sequence[memoryview]) -> Any:
        if value not in allowed:
            raise TypeError(f"{str(value)[:50]!r} is none of {allowed}")
        return value

    return _Form(lambda value, _parts: value, read)


def _array(dtype: np.dtype[Any]) -> _Form:
    if dtype.kind not in _NUMBERS:
        raise TypeError(f"an array of {dtype} cannot be written as bytes")

    def write(value: Any, parts: list[bytes]) -> Any:
        return [*_write_shape(value, dtype), _write_part(np.ascontiguousarray(value), parts)]

    def read(value: Any, parts: Sequence[memoryview]) -> Any:
        *shape, place = _list(value)
        found = np.frombuffer(parts[_place(place)], dtype)
        if dtype.kind == "f" and not np.isfinite(found).all():
            raise ValueError("an array holds what is no number")
        return found.reshape([_place(size) for size in shape]).copy()

    return _Form(write, read)


def _write_shape(value: Any, dtype: np.dtype[Any]) -> list[int]:
    if value.dtype != dtype:
        raise TypeError(f"an array of {value.dtype} is none of {dtype}")
    return list(value.shape)


def _write_part(value: Any, parts: list[bytes]) -> int:
    parts.append(bytes(value))
    return len(parts) - 1


def _read_all(forms: Sequence[_Form], value: Any, parts: Sequence[memoryview]) -> list[Any]:
    found = _list(value)
    if len(found) != len(forms):
        raise ValueError(f"{len(found)} values stand for {len(forms)}")
    return [form.read(item, parts) for form, item in zip(forms, found, strict=True)]


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError(f"{str(value)[:50]!r} is no list")
    return value


def _place(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"{str(value)[:50]!r} is no size")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{str(value)[:50]!r} is no text")
    return value


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))
