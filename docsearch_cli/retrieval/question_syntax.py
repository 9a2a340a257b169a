"""The syntax of a question: what of it is a condition on pages, and what are words to search for.

    "dead letter"       a phrase: the page holds these words one after the other
    -kafka              the page does not hold the word; a ``-`` before a phrase or a field as well
    title:"set up"      the page's title or alias holds the words
    path:guides/*       the page lies there
    tag:project         the page has the tag, or one below it
    after:2025-07-01    the page is dated that day or later; ``before:`` earlier

Everything else is words, whatever it looks like: a question is never wrong by its spelling. What
stands in backticks is words too. A hyphen makes an option of many a word (``-v``, ``-name``): only
a word of three letters or more is excluded, only beside others, and only where no document writes
it with its hyphen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from docsearch_cli.retrieval.conditions import (
    MOST_CONDITIONS,
    Condition,
    ConditionKind,
    day_of,
    in_order,
)

_END = r"(?=[).,;:?!]*(?:\s|\Z))"
# A piece of a question from white space to white space; quotation marks hold some together.
_PIECE = re.compile(
    rf"""(?P<open>\(*)(?:
        (?P<code>`[^`]*`)
      | (?P<no>-?)(?P<key>title|path|tag|after|before|since|until):
        (?:"(?P<quoted>[^"]*)"{_END}|(?P<value>[^\s"`]++)(?=\s|\Z))
      | (?P<not>-?)(?:"(?P<phrase>[^"]*)"|“(?P<curly>[^“”]*)”){_END}
      | -(?P<word>[^\W\d_][^\W_]{{2,}}){_END}
      | \S+
    )""",
    re.VERBOSE,
)
_STOPS = ").,;:?!"
_WORD = re.compile(r"\w")
_DATE_FIELDS = ("after", "before", "since", "until")
_FIELDS: dict[str, ConditionKind] = {"title": "title", "path": "path", "tag": "tag"}


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question, taken apart."""

    words: str
    """What is searched for: the question itself where it states no condition."""
    conditions: tuple[Condition, ...] = ()
    options: tuple[str, ...] = ()
    """Words with a hyphen that are searched for, since a document writes them so."""
    not_dates: tuple[str, ...] = ()
    """Fields that want a date and have none; they are searched for as words."""


def parse_question(
    question: str, is_option: Callable[[str], bool] = lambda _: False
) -> ParsedQuestion:
    """Take a question apart.

    Args:
        question: As it was typed.
        is_option: Tells whether a document writes a word with a hyphen before it, as an option.

    Returns:
        Its words, and the conditions that it states; at most ``MOST_CONDITIONS``.
    """
    words: list[str] = []
    found: list[Condition] = []
    options: list[str] = []
    not_dates: list[str] = []
    has_word = False
    for piece in _PIECE.finditer(question):
        condition = _condition(piece) if len(found) < MOST_CONDITIONS else None
        if condition is not None and condition.kind == "word" and is_option(condition.value):
            options.append(piece.group())
            condition = None
        if condition is None:
            words.append(piece.group())
            has_word = has_word or _WORD.search(piece.group()) is not None
            if piece["key"] in _DATE_FIELDS and day_of(_value(piece)) is None:
                not_dates.append(piece.group().rstrip(_STOPS))
            continue
        found.append(condition)
        if condition.kind == "phrase" and not condition.excludes:
            words.append(piece["open"] + condition.value)
            has_word = True
    if not has_word and any(item.kind == "word" for item in found):
        return ParsedQuestion(question)
    return ParsedQuestion(
        " ".join(words) if found else question,
        in_order(found),
        tuple(dict.fromkeys(options)),
        tuple(dict.fromkeys(not_dates)),
    )


def phrase_words(conditions: tuple[Condition, ...]) -> frozenset[str]:
    """Return the words that stand in the phrases of a question: they are meant as they are."""
    return frozenset(
        word
        for item in conditions
        if item.kind == "phrase"
        for word in re.findall(r"\w+(?:[.\-]\w+)*", item.value)
    )


def _condition(piece: re.Match[str]) -> Condition | None:
    """Return the condition that a piece of a question states; None for words."""
    if piece["word"]:
        return Condition("word", piece["word"], excludes=True)
    phrase = piece["phrase"] or piece["curly"]
    if phrase is not None:
        text = " ".join(phrase.split())
        return Condition("phrase", text, bool(piece["not"])) if _WORD.search(text) else None
    if not piece["key"]:
        return None
    return _field(piece["key"], _value(piece), excludes=bool(piece["no"]))


def _value(field: re.Match[str]) -> str:
    """Return what stands behind a field's colon, without quotation marks and the sentence's end."""
    return " ".join((field["quoted"] or (field["value"] or "").rstrip(_STOPS)).split())


def _field(key: str, value: str, *, excludes: bool) -> Condition | None:
    if key in _FIELDS:
        return Condition(_FIELDS[key], value, excludes) if value.strip("/*?") else None
    day = day_of(value, is_end=key == "until")
    if day is None or excludes or day.year == 1:  # nothing is before the first day that there is
        return None
    if key == "before":
        day -= timedelta(days=1)
    return Condition("since" if key in ("after", "since") else "until", day.isoformat())
