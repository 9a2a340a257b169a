"""What the service answers with: plain typed values, each with a form that is JSON.

Search and edges are answered with ``search/hits.py`` and ``index/related.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docsearch_cli.api_results import Answer, Quote
    from docsearch_cli.explore.view import Decision
    from docsearch_cli.index.passage import Passage
    from docsearch_cli.runs.picture import RunPicture
    from docsearch_cli.runs.replay import StepReplay


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
    cut_chars: int
    """Characters at the end of the first line that are left out: it alone is longer than the cap.
    No other call shows them; 0 where the lines are whole."""
    paged: bool
    changed: bool
    """Whether the file has changed since it was indexed."""


@dataclass(frozen=True, slots=True)
class Explored:
    """What an exploration found."""

    answer: Answer
    clamped: tuple[str, ...]
    """A line for each budget that was cut to a cap."""

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


def shown_lines(passage: Passage, title: str, most_chars: int, changed: bool) -> Shown:
    """Return as many lines as fit; the first one is cut if it is longer alone, which is said.

    Args:
        passage: What was asked for.
        title: The document's.
        most_chars: The cap.
        changed: Whether the file has changed since it was indexed.

    Returns:
        The lines.
    """
    texts: list[str] = []
    left = most_chars
    next_line = None
    for line in passage.lines:
        if texts and len(line.text) > left:
            next_line = line.number
            break
        texts.append(line.text[:left])
        left -= len(line.text) + 1
    shown = passage.lines[: len(texts)]
    return Shown(
        path=passage.path,
        title=title,
        headings=passage.headings,
        line_start=shown[0].number,
        line_end=shown[-1].number,
        text="\n".join(texts),
        next_line=next_line,
        cut_chars=max(0, len(shown[0].text) - most_chars),
        paged=passage.paged,
        changed=changed,
    )
