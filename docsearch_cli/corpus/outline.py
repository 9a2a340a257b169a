"""Cut a file at its headings, for formats whose headings are lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from docsearch_cli.corpus.decoded_file import DecodedFile
from docsearch_cli.corpus.encoding import line_number
from docsearch_cli.models import Section


class Heading(NamedTuple):
    """A heading and the line, counted from 0, on which it begins."""

    text: str
    level: int
    line: int
    anchors: list[str]
    """Anchors of the section that it opens; those of places further down are added."""


def cut_at_headings(
    file: DecodedFile, headings: Sequence[Heading], plain: Callable[[str], str]
) -> Iterator[Section]:
    """Cut a file into sections.

    Args:
        file: The file.
        headings: In order; the first one, of level 0, stands for the text before any heading.
        plain: Returns what a person reads of a text; a beginning with nothing to read is left out.

    Yields:
        Sections in order.
    """
    for index, heading in enumerate(headings):
        begin = file.offset_of(heading.line)
        is_last = index + 1 == len(headings)
        end = len(file.text) if is_last else file.offset_of(headings[index + 1].line)
        text = file.text[begin:end].rstrip()
        skipped = len(text) - len(text.lstrip("\r\n"))
        begin, text = begin + skipped, text[skipped:]
        if text and (heading.level or plain(text).strip()):
            yield Section(
                heading=heading.text,
                level=heading.level,
                line_start=line_number(file.starts, begin),
                line_end=line_number(file.starts, begin + len(text) - 1),
                text=text,
                anchors=tuple(dict.fromkeys(heading.anchors)),
            )
