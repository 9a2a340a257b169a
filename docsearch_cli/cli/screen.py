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

    is_folded: bool
    """Whether the tree is folded to the ways that led to the quotes."""
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
    tree: int,
    folded: int,
    quotes: Sequence[int],
    further: int,
    rest: int,
    all_quotes: bool = False,
) -> Fit:
    """Choose what is shown of a result: all of it, else as many quotes as fit.

    Args:
        rows: Rows that there are; None for no bound.
        tree: Rows of the whole tree.
        folded: Rows of the folded one.
        quotes: Rows of each quote.
        further: Rows of the further documents; one where anything is folded.
        rest: Rows of all else.
        all_quotes: Whether every quote is shown, if it fits or not.

    Returns:
        The fit: at least one quote, if there is one.
    """
    if rows is None or tree + sum(quotes) + further + rest <= rows:
        return Fit(is_folded=False, quotes=len(quotes))
    if all_quotes or folded + sum(quotes) + rest + 1 <= rows:
        return Fit(is_folded=True, quotes=len(quotes))
    left = rows - folded - rest - 2  # a row says how many quotes are left out
    shown = 0
    while shown < len(quotes) and quotes[shown] <= left:
        left -= quotes[shown]
        shown += 1
    return Fit(is_folded=True, quotes=max(shown, min(1, len(quotes))))
