"""Edges that are found on opening a page: what their finder is shown, and what it hands back.

Such a kind is not stored: where *k* pages share something, there are *k* squared edges, and most of
them lead nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ReadText:
    """What is shown of a section."""

    section: int
    """Its row."""
    text: str
    """The file's own text, or its beginning."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The words that carry an edge."""

    line: int
    """Where they stand in the page that was opened; 0 where they stand nowhere."""
    text: str


def _no_terms(_: int) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class FoundEdges:
    """The edges of one kind from the page that was opened.

    Shapes:
        targets: (n,) int64, rows of nodes, each once.
        weights: (n,) float32, 0 to 1.
        shares: (n,) float32, 0 to 1: how much of the question ``said`` is; None for none of it.
    """

    targets: NDArray[np.int64]
    weights: NDArray[np.float32]
    carrier: Callable[[int], Carrier]
    """Gives the words of the edge at a place; asked only for those that are shown."""
    shares: NDArray[np.float32] | None = None
    said: Callable[[int], tuple[str, ...]] = _no_terms
    """Gives the question's terms that the edge at a place speaks to; asked as ``carrier`` is."""


def no_edges() -> FoundEdges:
    """Return the edges of a page that has none of a kind."""
    return FoundEdges(np.zeros(0, np.int64), np.zeros(0, np.float32), lambda _: Carrier(0, ""))
