"""Cut long sections into passages: pieces of a size that is read at once.

A passage keeps its section's heading and level. Concatenated, the passages are the section's text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from docsearch_cli.corpus.encoding import count_line_ends
from docsearch_cli.corpus.graphemes import whole_until
from docsearch_cli.models import Section

# Text without spaces: two characters of Chinese or Japanese carry about as much as a word.
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CHARS_PER_CJK_WORD = 2
# A line of base64, minified code or long addresses counts as what it costs to read.
_CHARS_PER_WORD = 10
# A heading is never a passage by itself: with one, a paragraph may exceed the limit by this much.
_TINY_SHARE = 0.15
_SLACK = 1.2
_LINE_END = re.compile(r"\r\n|\n|\r")
_PARAGRAPH_END = re.compile(r"(?:\r\n|\n|\r)(?:[ \t]*+(?:\r\n|\n|\r))+")
_BLOCK_ID = re.compile(r"\^[A-Za-z0-9-]+")
_SPACE = re.compile(r"\s+")
_CLAUSE_ENDS = "。！？；，、.!?;,"


def split_long(sections: Iterable[Section], *, max_words: int = 250) -> tuple[Section, ...]:
    """Cut each section that is too long: between paragraphs, else lines, else words.

    Args:
        sections: Sections of one document, in order.
        max_words: Most words of a piece; two CJK characters, and ten of any others without a
            space, count as one.

    Returns:
        The sections with their pieces in place.
    """
    pieces: list[Section] = []
    for section in sections:
        if _cost(section.text) <= max_words:
            pieces.append(section)
        else:
            pieces.extend(_pieces_of(section, max_words))
    return tuple(pieces)


def _cost(text: str) -> float:
    """Return a text's length in words; the cost of a whole is at most that of its parts."""
    words = float(len(text.split()))
    if not text.isascii():
        words += len(_CJK.findall(text)) / _CHARS_PER_CJK_WORD
    return max(words, len(text) / _CHARS_PER_WORD)


def _pieces_of(section: Section, max_words: int) -> Iterator[Section]:
    line = section.line_start
    parts = _pack(list(_atoms(section.text, max_words)), max_words)
    anchors = _anchors_by_part(section.anchors, parts)
    for part, names in zip(parts, anchors, strict=True):
        ends = count_line_ends(part)
        last = line + ends - (1 if part.endswith(("\n", "\r")) else 0)
        yield Section(
            heading=section.heading,
            level=section.level,
            line_start=min(line, section.line_end),
            line_end=min(last, section.line_end),
            text=part,
            anchors=names,
        )
        line += ends


def _atoms(text: str, max_words: int) -> Iterator[tuple[str, float]]:
    """Yield the largest parts that fit into a passage, with their costs."""
    for paragraph in _cut_after(_PARAGRAPH_END, text):
        cost = _cost(paragraph)
        if cost <= max_words:
            yield paragraph, cost
            continue
        for line in _cut_after(_LINE_END, paragraph):
            cost = _cost(line)
            if cost <= max_words:
                yield line, cost
                continue
            for run in _cut_words(line, max_words):
                cost = _cost(run)
                if cost <= max_words:
                    yield run, cost
                else:
                    yield from _cut_characters(run, max_words)


def _cut_after(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    start = 0
    for found in pattern.finditer(text):
        yield text[start : found.end()]
        start = found.end()
    if start < len(text):
        yield text[start:]


def _cut_words(line: str, max_words: int) -> Iterator[str]:
    """Yield runs of words, not single ones: a line of millions would take a gigabyte."""
    size = _CHARS_PER_CJK_WORD * max_words
    start = 0
    while start < len(line):
        end = line.rfind(" ", start, start + size) + 1
        if end <= start:
            space = _SPACE.search(line, start)
            end = space.end() if space else len(line)
        elif len(line) - end < size and not line[end:].strip():
            end = len(line)
        yield line[start:end]
        start = end


def _cut_characters(word: str, max_words: int) -> Iterator[tuple[str, float]]:
    chars_per_word = _CHARS_PER_CJK_WORD if _CJK.search(word) else _CHARS_PER_WORD
    size = max(2, max_words * chars_per_word)
    start = 0
    while start < len(word):
        end = min(start + size, len(word))
        if end < len(word):
            clause = max(word.rfind(mark, start + size // 2, end) for mark in _CLAUSE_ENDS)
            end = clause + 1 if clause >= 0 else end
            end = whole_until(word, end, start)
        yield word[start:end], _cost(word[start:end])
        start = end


def _pack(atoms: list[tuple[str, float]], max_words: int) -> list[str]:
    """Join atoms into passages of about equal cost, so that none at the end is tiny."""
    total = sum(cost for _, cost in atoms)
    target = total / math.ceil(total / max_words)
    parts: list[str] = []
    current: list[str] = []
    filled = 0.0
    for text, cost in atoms:
        overflows = filled + cost > max_words and not (
            filled < _TINY_SHARE * max_words and filled + cost <= _SLACK * max_words
        )
        if current and (filled >= target or overflows):
            parts.append("".join(current))
            current, filled = [], 0.0
        current.append(text)
        filled += cost
    parts.append("".join(current))
    return parts


def _anchors_by_part(anchors: tuple[str, ...], parts: list[str]) -> list[tuple[str, ...]]:
    """Give each anchor to the part in which it is written as an id; a slug to the first."""
    names: list[list[str]] = [[] for _ in parts]
    if anchors:
        wanted = frozenset(anchors)
        owners: dict[str, int] = {}
        for index, part in enumerate(parts):
            # One pass over the text, not one for each anchor: there may be very many of both.
            for written in (*part.split('"')[1:-1], *part.split("'")[1:-1], *_block_ids(part)):
                if written in wanted:
                    owners.setdefault(written, index)
        for anchor in anchors:
            names[owners.get(anchor, 0)].append(anchor)
    return [tuple(group) for group in names]


def _block_ids(text: str) -> list[str]:
    return _BLOCK_ID.findall(text) if "^" in text else []
