"""A text file as its reader takes it: its lines, and where its own text begins.

Front matter belongs to the file and not to its text: a reader skips its lines, and counts them.
"""

from __future__ import annotations

from dataclasses import dataclass

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.front_matter import (
    NO_FRONT_MATTER,
    FrontMatter,
    parse_front_matter,
)


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded file."""

    text: str
    starts: list[int]
    """Where its lines start, see ``line_starts``."""
    matter: FrontMatter = NO_FRONT_MATTER
    first_line: int = 0
    """Index of the first line below the front matter; the number of lines if there is none."""

    def lines(self) -> list[str]:
        """Return all lines without their ends, those of the front matter too."""
        ends = [*self.starts[1:], len(self.text)]
        spans = zip(self.starts, ends, strict=True)
        return [self.text[start:end].rstrip("\r\n") for start, end in spans]

    def offset_of(self, line: int) -> int:
        """Return where a line starts, by its index; past the last one, where the text ends."""
        return self.starts[line] if line < len(self.starts) else len(self.text)


def parse_source(text: str) -> Source:
    """Find the lines and the front matter of a file.

    Args:
        text: The decoded file.

    Returns:
        It with what was found; a format without front matter makes its ``Source`` by itself.
    """
    matter = parse_front_matter(text)
    starts = line_starts(text)
    return Source(text, starts, matter, _first_line_below(matter, text, starts))


def _first_line_below(matter: FrontMatter, text: str, starts: list[int]) -> int:
    if not matter.end:
        return 0
    return line_number(starts, matter.end) - 1 if matter.end < len(text) else len(starts)
