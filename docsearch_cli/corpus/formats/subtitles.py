"""Subtitles (.srt, .vtt): what is said, with the times at which it is said.

A place is a line of the file, so a quote holds the numbers and times of its cues, as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from docsearch_cli.corpus.blocks import Block, Line, gather_blocks, line_spans
from docsearch_cli.corpus.formats.text import read_text
from docsearch_cli.models import Document

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\r\n]*$")
_NUMBER = re.compile(r"[ \t]*\ufeff?\d{1,7}[ \t]*$")
_HEADER = re.compile(r"\ufeff?(?:WEBVTT\b.*|(?:Kind|Language|X-TIMESTAMP-MAP)[:=].*)$")
# A comment, a style or a region of WebVTT, up to the next blank line.
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?$")
_TAG = re.compile(
    r"</?(?:[cibuv]|ruby|rt|lang|font)(?=[.\s>])[^<>\r\n]{0,200}>|<[\d:.]{5,15}>|\{\\[^{}]{1,40}\}"
)
_VOICE = re.compile(r"<v[.\s][^<>\r\n]{0,100}?([^<>\s.][^<>\r\n]{0,100})>")
_SENTENCE_END = re.compile(r"[.!?\u2026\u3002][\"'\u201d\u2019)]*$")


def read_subtitles(path: str, text: str, content_hash: str) -> Document:
    """Read one file of subtitles.

    Args:
        path: The document's path, which gives its title.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document.
    """
    return replace(read_text(path, text, content_hash), markup="subtitles")


def plain_subtitles(text: str) -> str:
    """Return what is said, without numbers, times and tags; lines stay lines."""
    spoken = dict(_spoken(text))
    lines = (text[start:end] if start in spoken else "" for start, end in line_spans(text))
    return "\n".join(_TAG.sub("", _VOICE.sub(r"\1: ", line)) for line in lines)


def subtitle_blocks(text: str) -> Iterator[Block]:
    """Find what is said, cues taken together up to the end of a sentence.

    Args:
        text: Raw text of a section.

    Returns:
        Blocks that may hold the times between two cues.
    """
    return gather_blocks(text, _lines(text))


def _lines(text: str) -> Iterator[Line]:
    for start, end in _spoken(text):
        yield Line(start, end, "text")
        if _SENTENCE_END.search(text[start:end].rstrip()[-8:]):
            yield Line(end, end, "gap")


def _spoken(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the lines that are said."""
    spans = list(line_spans(text))
    is_aside = False
    for number, (start, end) in enumerate(spans):
        line = text[start:end]
        if not line.strip():
            is_aside = False
        elif _ASIDE.match(line) and (not number or not text[slice(*spans[number - 1])].strip()):
            is_aside = True
        following = text[slice(*spans[number + 1])] if number + 1 < len(spans) else ""
        is_name = "-->" in following and _TIMES.match(following) is not None
        is_mark = _TIMES.match(line) or _HEADER.match(line) or (_NUMBER.match(line) and is_name)
        if line.strip() and not is_aside and not is_mark and not is_name:
            yield start, end
