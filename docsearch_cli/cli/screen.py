"""How much of a result a terminal has room for.

A person who asks sees what was asked for when the command has ended: the quotes come last, and
what does not fit is folded above them or counted. A pipe has room for everything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

# A terminal that is said to be lower shows one quote all the same.
_FEWEST_ROWS = 8
NARROW = 64
"""On a terminal with fewer columns a list has the id and the question alone."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The room that there is."""

    columns: int | None
    """None: a line is as long as it is."""
    rows: int | None
    """None: there is room for everything."""


class Fit(NamedTuple):
    """What is shown of a result."""

    fold: int
    """How far the tree is folded: the place of its picture among those that there are."""
    quotes: int
    """How many are shown."""


def screen_of_stdout() -> Screen:
    """Return the room on stdout; ``COLUMNS`` in the environment stands for the width."""
    given = os.environ.get("COLUMNS", "")
    columns = int(given) if given.isdecimal() and 0 < len(given) < 6 and int(given) > 0 else None
    if not sys.stdout.isatty():
        return Screen(columns, None)
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return Screen(columns, None)
    # A terminal that does not know its size says 0.
    return Screen(columns or size.columns or 80, max(_FEWEST_ROWS, size.lines or 24))


def fit_rows(
    rows: int | None,
    *,
    trees: Sequence[int],
    quotes: Sequence[int],
    further: int,
    rest: int,
    all_quotes: bool = False,
) -> Fit:
    """Choose what is shown of a result: all of it, else as many quotes as fit.

    The tree is folded no further than that shows more quotes.

    Args:
        rows: Rows that there are; None for no bound.
        trees: Rows of the whole tree, and of it folded ever further; two at least.
        quotes: Rows of each quote.
        further: Rows of the further documents; one where anything is folded.
        rest: Rows of all else.
        all_quotes: Whether every quote is shown, if it fits or not.

    Returns:
        The fit: at least one quote, if there is one.
    """
    if rows is None or trees[0] + sum(quotes) + further + rest <= rows:
        return Fit(0, len(quotes))
    if all_quotes:
        return Fit(1, len(quotes))
    fits = [
        Fit(fold, _fitting(quotes, rows - tree - rest - 1))
        for fold, tree in enumerate(trees[1:], start=1)
    ]
    return max(fits, key=lambda fit: (fit.quotes, -fit.fold))


def _fitting(quotes: Sequence[int], rows: int) -> int:
    """Return how many quotes fit so many rows, one of which says how many are left out."""
    if not quotes or sum(quotes) <= rows:
        return len(quotes)
    shown, left = 0, rows - 1
    while quotes[shown] <= left:
        left -= quotes[shown]
        shown += 1
    return max(shown, 1)
