"""Values that cross between machines: what is read is what was written, and nothing else."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import GenericAlias
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from docsearch_cli.typed_bytes import TypedBytes


class Pair(NamedTuple):
    left: str
    right: int


@dataclass(frozen=True)
class Everything:
    text: str
    number: int
    share: float
    flag: bool
    data: bytes
    path: Path
    kind: Literal["a", "b"]
    either: Literal["x"] | Literal["y"]
    maybe: Pair | None
    pairs: tuple[Pair, ...]
    fixed: tuple[int, str]
    names: Mapping[str, tuple[int, ...]]
    rows: NDArray[np.int32]
    plain: Any
    loose: str | int


def make(**changes):
    values = {
        "text": "ä\ud800",
        "number": -3,
        "share": 0.1,
        "flag": True,
        "data": b"\0\xff",
        "path": Path("/a/b"),
        "kind": "a",
        "either": "y",
        "maybe": None,
        "pairs": (Pair("l", 1), Pair("", 2)),
        "fixed": (1, "one"),
        "names": {"n": (1, 2), "": ()},
        "rows": np.arange(6, dtype=np.int32).reshape(3, 2),
        "plain": {"k": [1, None]},
        "loose": 7,
    }
    return Everything(**{**values, **changes})


@pytest.fixture
def typed():
    return TypedBytes()


def same(left, right):
    assert np.array_equal(left.rows, right.rows)
    assert left.rows.dtype == right.rows.dtype
    for name in Everything.__dataclass_fields__:
        if name != "rows":
            assert getattr(left, name) == getattr(right, name), name
    assert type(right.maybe) is type(left.maybe)


@pytest.mark.parametrize(
    "changes", [{}, {"maybe": Pair("x", 1)}, {"rows": np.zeros((0, 2), np.int32)}, {"loose": "s"}]
)
def test_what_was_written_is_read(typed, changes):
    value = make(**changes)
    found = typed.read(Everything, typed.write(Everything, value))

    same(value, found)


def test_a_whole_number_that_stands_for_a_share_stays_one(typed):
    found = typed.read(Everything, typed.write(Everything, make(share=1)))

    assert json.dumps(found.share) == "1"


def test_an_array_that_was_read_can_be_changed(typed):
    found = typed.read(Everything, typed.write(Everything, make()))

    found.rows[0, 0] = 9


def spelled(value, parts=()):
    head = json.dumps([value, [len(part) for part in parts]]).encode()
    return struct.pack("!Q", len(head)) + head + b"".join(parts)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (str, spelled(1)),
        (int, spelled(True)),
        (int, spelled("1")),
        (bool, spelled(0)),
        (float, spelled("0.1")),
        (bytes, spelled(0)),
        (bytes, spelled(-1, [b"x"])),
        (bytes, spelled(True, [b"x", b"y"])),
        (Path, spelled(1)),
        (Literal["a", "b"], spelled("c")),
        (Literal["a", "b"], spelled(["a"])),
        (Pair, spelled(["l"])),
        (Pair, spelled(["l", 1, 2])),
        (Pair, spelled({"left": "l", "right": 1})),
        (tuple[int, str], spelled([1])),
        (tuple[int, ...], spelled(1)),
        (Mapping[str, int], spelled({"a": 1})),
        (Mapping[str, int], spelled([["a"]])),
        (str | int, spelled(0.5)),
        (Pair | None, spelled(0)),
        (NDArray[np.int32], spelled([2, 0], [b"abc"])),
        (NDArray[np.int32], spelled([3, 0], [b"abcdefgh"])),
        (NDArray[np.int32], spelled([-1, 0], [b"abcdefgh"])),
        (str, b""),
        (str, b"\0" * 7),
        (str, struct.pack("!Q", 1 << 60) + b'["a",[]]'),
        (str, spelled("a") + b"more"),
        (str, spelled("a", [b"x"])[:-1]),
        (str, struct.pack("!Q", 3) + b"[[["),
        (str, struct.pack("!Q", 2) + b"[]"),
        (str, struct.pack("!Q", 4) + b"\xff\xff\xff\xff"),
        (float, spelled(float("nan"))),
        (float, spelled(float("-inf"))),
        (float, spelled(1 << 64)),
        (int, spelled(1 << 63)),
        (Any, spelled({"a": [float("nan")]})),
        (Any, spelled([1 << 63])),
        (NDArray[np.float64], spelled([1, 0], [np.array([np.inf]).tobytes()])),
    ],
)
def test_bytes_that_spell_no_such_value_are_refused(typed, kind, data):
    with pytest.raises(ValueError):
        typed.read(kind, data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, "a\ud800"),
        (Any, {"\udfff": 1}),
        (Path, "\udc80"),
        (Mapping[str, int], [["\ud800", 1]]),
    ],
)
def test_text_that_utf_8_cannot_hold_is_refused_where_it_is_said(typed, kind, value):
    typed.read(kind, spelled(value))

    with pytest.raises(ValueError, match="surrogates"):
        typed.read(kind, spelled(value), is_utf8=True)
    assert typed.read(str, spelled("\U0001f600"), is_utf8=True) == "\U0001f600"


def test_plain_json_that_is_nested_too_deep_is_refused(typed):
    nested = 1
    for _ in range(60):
        nested = [nested]

    with pytest.raises(ValueError, match="deep"):
        typed.read(Any, spelled(nested))


@pytest.mark.parametrize("kind", [object, dict, Pair | Everything, NDArray[np.object_], set[int]])
def test_a_type_whose_values_cannot_cross_is_a_bug(typed, kind):
    for _ in range(2):  # nothing half made is left for the second time
        with pytest.raises(TypeError):
            typed.write(kind, None)


def test_an_array_of_other_numbers_is_a_bug(typed):
    with pytest.raises(TypeError, match="int64"):
        typed.write(Everything, make(rows=np.zeros((1, 2), np.int64)))


@dataclass(frozen=True)
class Tree:
    name: str
    below: tuple[Tree, ...] = ()


def test_values_may_hold_values_of_their_own_type(typed):
    tree = Tree("a", (Tree("b", (Tree("c"),)), Tree("d")))

    assert typed.read(Tree, typed.write(Tree, tree)) == tree


def test_values_nested_without_end_are_refused(typed):
    head = b'["x",[' * 100_000 + b"]]" * 100_000
    data = struct.pack("!Q", len(head) + 6) + b"[" + head + b",[]]"

    with pytest.raises(ValueError):
        typed.read(Tree, data)


class Alias:
    """What ``type X = ...`` makes from Python 3.12 on, as far as it is looked at."""

    def __init__(self, value):
        self.__value__ = value


@pytest.mark.parametrize(
    "kind",
    [
        Alias(NDArray[np.int64]),
        GenericAlias(Alias(NDArray), (np.int64,)),  # as NumPy 2.5 spells NDArray
        GenericAlias(Alias(Alias(NDArray[np.int64])), ()),
    ],
)
def test_an_alias_is_written_as_what_it_stands_for(kind):
    written = TypedBytes().write(kind, np.arange(3, dtype=np.int64))

    assert TypedBytes().read(kind, written).tolist() == [0, 1, 2]
