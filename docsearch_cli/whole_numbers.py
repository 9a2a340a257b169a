"""Whole numbers as people and programs write them: read strictly, shown briefly.

Python reads ``1_000`` and digits of every script as a number, and refuses to make text of a number
of thousands of digits. Neither is what a limit can be.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?[0-9]{1,18}")
# No number that means anything here is longer.
_MOST_BITS = 63
_MOST_SHOWN = 80


def read_number(text: str) -> int | None:
    """Return the whole number that a text is, in at most 18 digits; None if it is none."""
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def is_in_range(value: int) -> bool:
    """Tell whether a number is one that ``read_number`` may give."""
    return value.bit_length() <= _MOST_BITS


def brief(value: object) -> str:
    """Return a value for a message: a short one as Python writes it, of a long one its start."""
    if isinstance(value, int) and not is_in_range(value):
        return f"a number of {value.bit_length():,} bits"
    shown = repr(value)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."
