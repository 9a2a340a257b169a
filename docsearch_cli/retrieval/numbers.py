"""Numbers with thousands marks: ``1,048,576``, ``1.048.576`` and ``1 048 576`` are ``1048576``.

A mark is a mark where every group has the digits that it should have. One group alone may be a
decimal fraction: ``1,048`` is a thousand in a language that writes ``1.5``, ``1.048`` in one that
writes ``1,5``. What has four groups of dots may be an address (``192.168.100.200``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from docsearch_cli.retrieval.folding import fold

# Spaces that do not break, of several widths; other apostrophes; the Arabic mark.
_WIDE_MARKS = "\u00a0\u2007\u2009\u202f\u2019\u02bc\u066c"
# Expressions that begin with their mark are fast. One group behind an underscore is no number.
_GROUP_AFTER = {
    ",": re.compile(r",\d{3}(?!\d)"),
    "'": re.compile(r"'\d{3}(?!\d)"),
    "_": re.compile(r"_\d{3}_\d{3}(?!\d)"),
}
_GROUP_AFTER_WIDE = {mark: re.compile(rf"{mark}\d{{3}}(?!\d)") for mark in _WIDE_MARKS}
_DOT_GROUP_AFTER = re.compile(r"\.\d{3}(?!\d)")
_DOT_GROUPS_AFTER = re.compile(r"\.\d{3}\.\d{3}(?!\d)")
_SPACE_GROUP_AFTER = re.compile(r" \d{3}(?!\d)")
# Every mark as a comma, every digit as a zero.
_MARKS_AND_DIGITS = bytes.maketrans(b",'_.0123456789", b",,,,0000000000")
_A_GROUP = b",000"
_MOST_FIRST_DIGITS = 3
# Languages that write a decimal fraction with a dot, so that a comma is a thousands mark.
_DOT_IS_DECIMAL = frozenset(
    ("english", "irish", "hindi", "nepali", "tamil", "arabic", "yiddish", "none")
)
_FRACTION = re.compile(r"[.,]\d+(?![.,]?\d)")
_OCTETS = 4
_MOST_OCTET = 255


class GroupedNumber(NamedTuple):
    """A number with thousands marks, and where it stands."""

    start: int
    end: int
    """Where its integer part ends."""
    integer: str
    """Its integer part without marks."""
    fraction_end: int
    """Where its fraction ends; ``end`` if it has none."""
    whole: str
    """With the fraction after a dot."""


def grouped_numbers(text: str, language: str, *, is_asked: bool = False) -> list[GroupedNumber]:
    """Find the numbers that have thousands marks.

    Args:
        text: As it stands: the spaces in numbers are others after NFKC.
        language: The index's; it decides what one group behind a comma or a dot is.
        is_asked: True for a question, in which people type a space that breaks.

    Returns:
        The numbers, those with one mark after those with another.
    """
    is_ascii = text.isascii()
    if is_ascii and not is_asked and _A_GROUP not in text.encode().translate(_MARKS_AND_DIGITS):
        return []  # of the most texts this is all, and it takes a fifth of the time
    patterns = [pattern for mark, pattern in _GROUP_AFTER.items() if mark in text]
    if "." in text:
        is_decimal = language in _DOT_IS_DECIMAL
        patterns.append(_DOT_GROUPS_AFTER if is_decimal else _DOT_GROUP_AFTER)
    if not is_ascii:
        patterns += [pattern for mark, pattern in _GROUP_AFTER_WIDE.items() if mark in text]
    if is_asked:
        patterns.append(_SPACE_GROUP_AFTER)
    numbers: list[GroupedNumber] = []
    for pattern in patterns:
        end = 0
        for found in pattern.finditer(text):
            if found.start() >= end:
                number = _number_around(text, found.start(), language)
                if number is not None:
                    end = number.end
                    numbers.append(number)
    return numbers


def _number_around(text: str, place: int, language: str) -> GroupedNumber | None:
    """Return the number whose first mark stands at a place, if there is one."""
    mark, start = text[place], place
    while start and place - start <= _MOST_FIRST_DIGITS and text[start - 1].isdecimal():
        start -= 1
    first = text[start:place]
    before = text[start - 1 : start]
    if not first or len(first) > _MOST_FIRST_DIGITS or fold(first[0]) == "0":
        return None
    if before and (before.isalnum() or before in ("_", ".", ",", mark)):
        return None
    groups = [first]
    end = place
    while text[end : end + 1] == mark and text[end + 1 : end + 4].isdecimal():
        if len(text[end + 1 : end + 4]) < _MOST_FIRST_DIGITS or text[end + 4 : end + 5].isdecimal():
            break
        groups.append(text[end + 1 : end + 4])
        end += 4
    if text[end : end + 1] == mark and text[end + 1 : end + 2].isdecimal():
        return None
    is_fraction = len(groups) == 2 and mark == ("." if language in _DOT_IS_DECIMAL else ",")
    if len(groups) == 1 or is_fraction or _is_address(groups, mark):
        return None
    integer = "".join(groups)
    fraction = _FRACTION.match(text, end)
    if fraction is None or fraction[0][0] == mark:
        return GroupedNumber(start, end, integer, end, integer)
    return GroupedNumber(start, end, integer, fraction.end(), f"{integer}.{fraction[0][1:]}")


def _is_address(groups: list[str], mark: str) -> bool:
    is_quad = mark == "." and len(groups) == _OCTETS
    return is_quad and all(int(group) <= _MOST_OCTET for group in groups)


def without_marks(question: str, language: str, is_known: Callable[[str], bool]) -> str:
    """Return a question with its numbers as a corpus knows them: without marks, or as they are.

    Args:
        question: In words.
        language: The index's.
        is_known: Tells whether the corpus has a token.

    Returns:
        The question; a number that the corpus does not have stays as it is.
    """
    pieces: list[str] = []
    done = 0
    numbers = grouped_numbers(question, language, is_asked=True)
    for number in sorted(numbers):
        if number.start < done:
            continue
        for end, spelled in ((number.fraction_end, number.whole), (number.end, number.integer)):
            if is_known(fold(spelled)):
                pieces += (question[done : number.start], spelled)
                done = end
                break
    return "".join((*pieces, question[done:]))
