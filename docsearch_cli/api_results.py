"""What the Python interface hands back: an answer with its quotes, and a recorded run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.index.freshness import QuoteState
    from docsearch_cli.runs.picture import RunPicture
    from docsearch_cli.search.result import AskResult, CheckedResult


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote with its place."""

    path: str
    """The document, as the index names it."""
    line_start: int
    """From 1; of a document with pages, a page."""
    line_end: int
    """The last line or page, included."""
    text: str
    """Byte for byte as in the file."""
    plain: str
    """Without its markup."""
    heading: str
    """That of its section; may be empty."""
    score: float
    """Higher is better; comparable within one answer."""
    state: QuoteState
    """Whether it still stands in its file: ``current``, ``changed``, ``gone`` or ``unknown``."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found."""

    _checked: CheckedResult
    warnings: tuple[str, ...] = ()
    """What went wrong without changing the answer, and limits that were cut."""

    @property
    def _result(self) -> AskResult:
        return self._checked.result

    @property
    def question(self) -> str:
        """The question."""
        return self._result.question

    @property
    def mode(self) -> Literal["simple", "deep"]:
        """The search that answered."""
        return self._result.mode

    @property
    def mode_reason(self) -> str:
        """Why it was that one."""
        return self._result.mode_reason

    @property
    def found(self) -> bool:
        """False if the documents do not answer; quotes and documents are then the nearest ones."""
        return self._result.findings.found

    @property
    def weak(self) -> bool:
        """True if what was found may only be related to the question."""
        return self._result.findings.weak

    @property
    def reason(self) -> str:
        """Why it counts as found, or not."""
        return self._result.findings.reason

    @property
    def text(self) -> str:
        """The quotes that answer, one after the other; empty if nothing was found."""
        return self._result.findings.answer

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The quotes, best first."""
        states = self._checked.freshness.quotes
        return tuple(
            Quote(
                path=item.path,
                line_start=item.line_start,
                line_end=item.line_end,
                text=item.quote,
                plain=item.plain,
                heading=item.heading,
                score=item.score,
                state=state,
            )
            for item, state in zip(self._result.findings.evidence, states, strict=True)
        )

    @property
    def documents(self) -> tuple[str, ...]:
        """Paths of the ranked documents, best first."""
        return tuple(item.path for item in self._result.findings.documents)

    @property
    def run_id(self) -> str | None:
        """The recorded run; None for a keyword search, or where nothing was recorded."""
        return self._result.run_id

    @property
    def steps(self) -> tuple[StepSummary, ...]:
        """The nodes that a deep search opened, in order."""
        return self._result.steps

    @property
    def budget(self) -> Mapping[str, int]:
        """The limits, and what was used of them."""
        return dict(self._result.budget)

    @property
    def stop_reason(self) -> str:
        """Why it ended: ``answered``, ``budget``, ``frontier_empty``, ``cancelled``, ..."""
        return self._result.stop_reason

    @property
    def complete(self) -> bool:
        """False if it was ended before its end."""
        return self._result.complete

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        return self._result.remarks

    def to_dict(self) -> dict[str, Any]:
        """Return ``data`` of what ``docsearch ask --json`` prints; see docs/json.md."""
        return self._checked.to_dict()


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded search, read from its record alone, every hash of which was checked."""

    _picture: RunPicture

    @property
    def run_id(self) -> str:
        """Its id."""
        return self._picture.run_id

    @property
    def question(self) -> str:
        """What was asked."""
        return str(self._picture.trace.facts["question"])

    @property
    def status(self) -> str:
        """``complete``, ``partial``, or ``running`` for one that was killed or still runs."""
        return self._picture.trace.status

    @property
    def stop_reason(self) -> str | None:
        """Why it ended; None if it did not."""
        return self._picture.trace.ending.get("stop_reason")

    @property
    def steps(self) -> tuple[StepSummary, ...]:
        """The nodes that it opened, in order."""
        return self._picture.steps

    @property
    def limits(self) -> Mapping[str, int]:
        """The limits that it began with."""
        return self._picture.trace.limits

    def to_dict(self) -> dict[str, Any]:
        """Return ``data`` of what ``docsearch replay RUN --json`` prints."""
        return self._picture.to_dict()
