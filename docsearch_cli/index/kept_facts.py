"""What follows from an index alone and is kept as long as it is open: no question changes it.

A process that stays, such as a server, opens the same pages for one question after another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from docsearch_cli.index.reader import IndexReader

Facts = TypeVar("Facts")
_KEPT: WeakKeyDictionary[IndexReader, dict[Callable[[IndexReader], Any], Any]] = WeakKeyDictionary()


def kept_facts(index: IndexReader, kind: Callable[[IndexReader], Facts]) -> Facts:
    """Return what is kept of an index.

    Args:
        index: The index.
        kind: Makes it of the index when it is first asked for; it must not hold the index.

    Returns:
        The one of this index.
    """
    kept = _KEPT.setdefault(index, {})
    if kind not in kept:
        kept[kind] = kind(index)
    facts: Facts = kept[kind]
    return facts
