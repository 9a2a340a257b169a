"""Where sentences end, in text that may hold markup.

A rule set, not a model: a full stop ends a sentence unless what stands before it is an
abbreviation or an initial, or what follows begins in lower case. Only white space, or a CJK full
stop, separates two sentences, so decimals, versions and addresses stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.graphemes import whole_until

# A unit should fit on a screen and in a citation. What nobody reads is not counted.
_MOST_CHARS = 400
_UNREAD = re.compile(r"(?<=\])\([^()\s]{0,400}\)|<[a-zA-Z/!][^<>]{0,400}>")
_LONGEST_UNREAD = 403
# A long unit is best cut after a clause, but not so early that the first part is tiny.
_EARLIEST_CUT = 160
# It begins with its mark, which is searched for in C.
_END = re.compile(
    r"[.!?…。！？｡](?:"
    r"(?<=[.!?…])(?<![.!?…][.!?…])[.!?…]*+[\"'”’»)\]*_`]*+(?:</[a-z]{1,9}>)*+(?=\s)"
    r"|(?<=[。！？｡])[。！？｡]*[」』”’）】\"]*(?=.)"
    r")",
    re.DOTALL,
)
_CLAUSE = re.compile(r"[;:,—–、，；][\"'”’»)]*(?:\s|(?<=[、，；]))")
_SPACE = re.compile(r"\s+")
_ASIDE = re.compile(r"\([^()]{0,200}\)")
_LINK = re.compile(r"\[[^\[\]]{0,400}\]\([^()\s]{0,400}\)|<[a-zA-Z/][^<>]{0,400}>")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘*_]+$")
_LONGEST_ABBREVIATION = 24
_INITIAL = re.compile(r"(?:[A-Z]\.?-?)?[A-Z]\.$")
_ACRONYM = re.compile(r"(?:[A-Za-z]\.){2,}$")
_STARTING_WORDS = (
    "The A An It He She They We You I In On At This That These Those There His Her Its Their If "
    "When After Before However But And For To As With From"
)
_STARTERS = frozenset(_STARTING_WORDS.split())
_NEXT_WORD = re.compile(r"[\s\"'“‘(\[*_#>-]*([^\s]{0,20})")
_ABBREVIATED_WORDS = (
    "e.g i.e cf vs etc al approx no nos vol vols pp p ed eds fig figs eq eqs sec secs ch dept est "
    "inc ltd co corp bros jr sr dr mr mrs ms prof rev gen col lt sgt capt cmdr adm gov sen rep "
    "hon st mt ft jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun "
    "ca c b d r v viz resp incl excl max min avg min sq univ assn dist dep repr trans "
    "art para ref refs tab ph.d b.a m.a u.s u.k a.m p.m z.b d.h u.a bzw usw ggf s"
)
_ABBREVIATIONS = frozenset(_ABBREVIATED_WORDS.split())
# These end a sentence as often as not, so what follows decides.
_OFTEN_LAST_WORDS = "etc inc ltd co corp jr sr a.m p.m u.s u.k ph.d al st"
_OFTEN_LAST = frozenset(_OFTEN_LAST_WORDS.split())


def cut_sentences(
    text: str, start: int, end: int, protected: Sequence[tuple[int, int]] = ()
) -> Iterator[tuple[int, int]]:
    """Cut one block into sentence-like units.

    Args:
        text: Raw text of the section.
        start: Where the block begins; not white space.
        end: Where it ends.
        protected: Spans, in order, inside which no sentence ends (tags).

    Yields:
        Spans without white space around them, at most 400 characters long, tags and destinations
        of links not counted.
    """
    begin = start
    guard = iter([*protected, (end, end)])
    span = next(guard)
    for found in _END.finditer(text, start, end):
        while span[1] <= found.start() and span[0] < end:
            span = next(guard)
        if span[0] < found.end() < span[1]:
            continue
        if _is_end(text, begin, found, end):
            yield from cut_long(text, begin, found.end())
            begin = found.end()
            while begin < end and text[begin].isspace():
                begin += 1
    if begin < end:
        yield from cut_long(text, begin, end)


def _is_end(text: str, begin: int, found: re.Match[str], end: int) -> bool:
    mark = text[found.start()]
    if mark in "。！？｡":
        return True
    following = _NEXT_WORD.match(text, found.end(), end)
    word_after = following[1] if following else ""
    if mark in "!?":
        return not word_after[:1].islower()
    if word_after[:1].islower():
        return False
    near = max(begin, found.start() - _LONGEST_ABBREVIATION)
    last = _LAST_WORD.search(text, near, found.start() + 1)
    if last is None:
        return True
    word = last[0].replace("\\", "")
    bare = word.rstrip(".").lower()
    if bare in _ABBREVIATIONS:
        # "5 no. No" and a lone "no." are rare; "No. 5" is not.
        if bare in ("no", "p", "s", "c", "b", "d", "r") and not word_after[:1].isdigit():
            return len(bare) > 1 or not word[0].isupper()
        return bare in _OFTEN_LAST and word_after.rstrip(",") in _STARTERS
    if _ACRONYM.search(word):
        return word_after.rstrip(",") in _STARTERS
    return not _INITIAL.fullmatch(word)


def cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a unit that is too long after a clause, else between words, else anywhere.

    Args:
        text: Raw text of the section.
        start: Where the unit begins; not white space.
        end: Where it ends.

    Yields:
        Spans without white space around them, at most 400 characters long, tags and destinations
        of links not counted.
    """
    while end - start > _MOST_CHARS:
        limit = _offset_after(text, start, end, _MOST_CHARS)
        if limit >= end:
            break
        links = [match.span() for match in _LINK.finditer(text, start, limit + _MOST_CHARS)]
        earliest = _offset_after(text, start, end, _EARLIEST_CUT)
        cut = _last_cut(_CLAUSE, text, earliest, limit, [*links, *_asides(text, start, end)])
        if cut is None:
            cut = _last_cut(_SPACE, text, start + 1, limit + 1, links)
        if cut is None:
            cut = _last_cut(_SPACE, text, start + 1, limit + 1, [])
        stop = whole_until(text, limit, start) if cut is None else cut
        yield start, _trim_end(text, start, stop)
        start = stop
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _offset_after(text: str, start: int, end: int, chars: int) -> int:
    """Return where so many characters that are read have passed; more than ``end`` without them."""
    position = start
    while found := _UNREAD.search(text, position, min(end, position + chars + _LONGEST_UNREAD)):
        read = found.start() - position
        if read >= chars:
            break
        chars -= read
        position = found.end()
    return position + chars


def _last_cut(
    pattern: re.Pattern[str], text: str, start: int, end: int, links: list[tuple[int, int]]
) -> int | None:
    cut = None
    for found in pattern.finditer(text, start, end):
        if not any(first < found.start() < last for first, last in links):
            cut = found.end()
    return cut


def _asides(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of what stands in brackets, "(default: 10)", which belongs together."""
    return [found.span() for found in _ASIDE.finditer(text, start, end)]


def _trim_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end
