"""Conditions: what a page must have, or must not have, to be searched at all.

A question may state them in its own syntax (``question_syntax.py``), a command in its options. A
condition is plain data, so that it can be recorded with a run; ``index/filtered_pages.py`` finds
the pages that fulfil it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from docsearch_cli.corpus.graphemes import shorten

ConditionKind = Literal["phrase", "word", "title", "path", "tag", "since", "until"]
# Conditions that are looked at; what a question has beyond them stays words.
MOST_CONDITIONS = 32
# How each kind is said, and how its opposite is.
_SAID: dict[ConditionKind, tuple[str, str]] = {
    "phrase": ("with", "without"),
    "word": ("with", "without:"),
    "title": ("only title:", "without title:"),
    "path": ("only path:", "without path:"),
    "tag": ("only tag:", "without tag:"),
    "since": ("dated since", "not dated since"),
    "until": ("dated until", "not dated until"),
}
# Characters of a value that are said of it.
_MOST_SHOWN = 80
_DATE = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that pages must have."""

    kind: ConditionKind
    value: str
    """As it was given; a date is a whole day, ``YYYY-MM-DD``."""
    excludes: bool = False
    """True for what they must not have."""

    @property
    def is_wanted_phrase(self) -> bool:
        """Whether it is a phrase that pages must have."""
        return self.kind == "phrase" and not self.excludes

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as plain data."""
        return {"kind": self.kind, "value": self.value, "excludes": self.excludes}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Condition:
        """Return the condition that ``to_dict`` made.

        Args:
            data: Plain data.

        Returns:
            The condition.

        Raises:
            ValueError: If its kind is not known, or a date is none; also KeyError.
        """
        if data["kind"] not in get_args(ConditionKind):
            raise ValueError(f"{data['kind']!r} is no kind of condition")
        if data["kind"] in ("since", "until"):
            date.fromisoformat(data["value"])
        return cls(data["kind"], str(data["value"]), bool(data["excludes"]))

    def in_words(self) -> str:
        """Return the condition as a person reads it."""
        return f"{_SAID[self.kind][self.excludes]} {self.shown()}"

    def shown(self, most: int = _MOST_SHOWN) -> str:
        """Return its value as a person reads it, a phrase quoted, of a long one the start."""
        value = shorten(self.value, most)
        return f'"{value}"' if self.kind == "phrase" else value


def conditions_in_words(conditions: Iterable[Condition], *, most: int = _MOST_SHOWN) -> str:
    """Return conditions as one line; several values of one kind stand together.

    Args:
        conditions: In their order.
        most: Characters of each value; a longer one is cut.

    Returns:
        The line.
    """
    values: dict[str, list[str]] = {}
    for condition in conditions:
        said = _SAID[condition.kind][condition.excludes]
        values.setdefault(said, []).append(condition.shown(most))
    return "; ".join(f"{said} {', '.join(of_kind)}" for said, of_kind in values.items())


def in_order(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Return conditions each once, in the order of their first places, as many as are looked at."""
    return tuple(dict.fromkeys(conditions))[:MOST_CONDITIONS]


def day_of(text: str, *, is_end: bool = False) -> date | None:
    """Return the day that a date names.

    Args:
        text: ``2025``, ``2025-07`` or ``2025-07-14``; slashes will do.
        is_end: Whether the last day of a year or month is meant, not its first.

    Returns:
        The day; None if the text is no date.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    month = month or (12 if is_end else 1)
    try:
        first = date(year, month, day or 1)
        if day or not is_end:
            return first
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except ValueError:
        return None
    except OverflowError:  # the next month is past the last year that there is
        return date.max


def of_kind(
    conditions: Sequence[Condition], kind: ConditionKind, *, excludes: bool = False
) -> Iterator[Condition]:
    """Yield the conditions of one kind."""
    yield from (item for item in conditions if item.kind == kind and item.excludes == excludes)
