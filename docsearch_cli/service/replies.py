"""What the service answers with: plain typed values, each with a form that is JSON.

Search and edges are answered with ``search/hits.py`` and ``index/related.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docsearch_cli.errors import InputError

if TYPE_CHECKING:
    from docsearch_cli.api_results import Answer, Quote
    from docsearch_cli.explore.view import Decision
    from docsearch_cli.index.passage import Passage
    from docsearch_cli.runs.picture import RunPicture
    from docsearch_cli.runs.replay import StepReplay

_PLACE = re.compile(r"(.+):([0-9]{1,9})(?:-([0-9]{1,9}))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines of a document, as they were indexed."""

    path: str
    title: str
    headings: tuple[str, ...]
    """Those that the first line asked for stands under, topmost first."""
    line_start: int
    """The first line that is shown; of a document with pages, a page."""
    line_end: int
    """The last one, included."""
    text: str
    """The lines, each ended by a line feed but the last."""
    next_line: int | None
    """The line to go on with where not all that was asked for fits; None where it does."""
    next_char: int
    """Characters of that line that were shown already: it alone is longer than the cap; else 0."""
    paged: bool
    changed: bool
    """Whether the file has changed since it was indexed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a document; of one with pages, pages."""

    path: str
    first: int | None = None
    """None for all of the document."""
    last: int | None = None
    """None for the first one alone."""

    @classmethod
    def read(cls, text: str) -> Place:
        """Return the place that ``path``, ``path:12`` or ``path:12-20`` names."""
        found = _PLACE.fullmatch(text)
        if found is None:
            return cls(text)
        return cls(found[1], int(found[2]), int(found[3]) if found[3] else None)

    def __str__(self) -> str:
        """Return it as ``read`` takes it."""
        if self.first is None:
            return self.path
        last = "" if self.last in (None, self.first) else f"-{self.last}"
        return f"{self.path}:{self.first}{last}"


@dataclass(frozen=True, slots=True)
class Explored:
    """What an exploration found."""

    answer: Answer
    clamped: tuple[str, ...]
    """A line for each budget that was cut to a cap."""
    further: tuple[Place, ...] = ()
    """Of each ranked document that no quote is from, best first, the section that fits best."""

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The quotes, best first."""
        return self.answer.quotes

    @property
    def resume(self) -> str:
        """The command that finishes a recorded run which was stopped; empty if there is none."""
        if self.answer.complete or self.answer.run_id is None:
            return ""
        return f"docsearch resume {self.answer.run_id}"


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A recorded run."""

    picture: RunPicture

    @property
    def question(self) -> str:
        """What was asked."""
        return str(self.picture.trace.facts["question"])

    @property
    def drift(self) -> tuple[str, ...]:
        """What has changed since, a line each."""
        return tuple(f"{item.what}: {item.detail}" for item in self.picture.drift)


@dataclass(frozen=True, slots=True)
class ReplayedStep:
    """One step of a run, run again on its recorded input."""

    replay: StepReplay
    decided: Decision | None
    """What it decides now; None for a step that opens no page, or that raises."""
    seen: tuple[tuple[str, int, int], ...]
    """Heading, first and last line of each section that the agent was shown, best first."""
    edges: int
    """How many edges it was shown."""

    @property
    def verdict(self) -> str:
        """``reproduced`` or ``differs``."""
        return "reproduced" if self.replay.reproduced else "differs"


def shown_lines(
    passage: Passage, title: str, most_chars: int, changed: bool, *, from_char: int = 0
) -> Shown:
    """Return as many lines as fit; of a first one that is longer alone, as much as fits.

    Args:
        passage: What was asked for.
        title: The document's.
        most_chars: The cap.
        changed: Whether the file has changed since it was indexed.
        from_char: Characters of the first line that are left out, since they were shown before.

    Returns:
        The lines, and where to go on.

    Raises:
        InputError: If the first line has no more characters than are left out.
    """
    texts: list[str] = []
    left, skipped = most_chars, from_char
    next_line, next_char = None, 0
    if from_char and from_char >= len(passage.lines[0].text):
        number, length = passage.lines[0].number, len(passage.lines[0].text)
        raise InputError(f"{passage.path}:{number} has {length:,} characters, not {from_char:,}")
    for line in passage.lines:
        text, skipped = line.text[skipped:], 0
        if texts and len(text) > left:
            next_line = line.number
            break
        texts.append(text[:left])
        if len(text) > left:
            next_line, next_char = line.number, from_char + left
            break
        left -= len(text) + 1
    shown = passage.lines[: len(texts)]
    return Shown(
        path=passage.path,
        title=title,
        headings=passage.headings,
        line_start=shown[0].number,
        line_end=shown[-1].number,
        text="\n".join(texts),
        next_line=next_line,
        next_char=next_char,
        paged=passage.paged,
        changed=changed,
    )
