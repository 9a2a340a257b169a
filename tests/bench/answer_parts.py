"""Whether an answer can be read: the parts of it, looked for in the quotes that were given.

A part is *read* if one of its strings stands in the text of a quote from one of the question's
pages. That a value stands somewhere is not enough: another setting's default may be the same
number. Texts are compared as a person reads them, without regard to case, white space, the kind of
quotation marks, and the marks of emphasis and code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Lines above and below a quote that a person looks at, who opens the file at it.
NEAR_LINES = 6
# Documents of a ranking that a person looks at.
FIRST_DOCUMENTS = 3

# A word goes on behind a hyphen, and a number behind a point or comma.
_NO_WORD_BEFORE = r"(?<!\w)(?<!\w-)(?<!\d[.,])"
_NO_WORD_AFTER = r"(?!-?\w)(?![.,]\d)"
_MARKS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "`": None, "*": None})


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote as it is read, and what stands around it."""

    path: str
    plain: str
    near: str
    """The plain text of its lines and of ``NEAR_LINES`` on both sides."""


@dataclass(frozen=True, slots=True)
class Read:
    """What of an answer can be read."""

    rank: int | None
    """Of the first right page in the ranking, from 1; None if there is none."""
    parts: tuple[bool, ...]
    """Which parts stand in the quotes."""
    in_first: bool
    """All parts stand in the first quote."""
    is_near: bool
    """Each part stands in a quote or near one."""

    @property
    def is_full(self) -> bool:
        """All parts stand in the quotes."""
        return all(self.parts)

    @property
    def is_page_first(self) -> bool:
        """A right page is among the first of the ranking."""
        return self.rank is not None and self.rank <= FIRST_DOCUMENTS


def readable(text: str) -> str:
    """Return a text in the form in which texts are compared."""
    return " ".join(text.translate(_MARKS).lower().split())


def holds(text: str, strings: Sequence[str]) -> bool:
    """Tell whether one of some strings stands in a text.

    Args:
        text: As :func:`readable` gives it.
        strings: As they stand in the file. Where one begins or ends with a letter or digit, a word
            or number of the text must begin or end: ``5 MB`` is not in ``1.5 MB``.
    """
    return any(re.search(_pattern(string), text) is not None for string in strings)


def _pattern(string: str) -> str:
    wanted = readable(string)
    before = _NO_WORD_BEFORE if wanted[0].isalnum() else ""
    after = _NO_WORD_AFTER if wanted[-1].isalnum() else ""
    return before + re.escape(wanted) + after


def read_answer(
    parts: Sequence[Sequence[str]],
    pages: Collection[str],
    documents: Sequence[str],
    quotes: Sequence[Quoted],
) -> Read:
    """Look for the parts of an answer in what was given.

    Args:
        parts: What must be read; any string of a part will do.
        pages: Paths of the pages that hold a part.
        documents: Paths of the ranking.
        quotes: In the order in which they were given.

    Returns:
        What can be read.
    """
    ranks = [place for place, path in enumerate(documents, start=1) if path in pages]
    right = [quote for quote in quotes if quote.path in pages]
    plain = [readable(quote.plain) for quote in right]
    near = [readable(quote.near) for quote in right]
    read = tuple(any(holds(text, part) for text in plain) for part in parts)
    reachable = [any(holds(text, part) for text in near) for part in parts]
    return Read(
        rank=ranks[0] if ranks else None,
        parts=read,
        in_first=bool(quotes)
        and quotes[0].path in pages
        and all(holds(plain[0], part) for part in parts),
        is_near=all(here or there for here, there in zip(read, reachable, strict=True)),
    )
