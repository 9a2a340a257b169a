"""What a report of a run shows, gathered from its record: values for a template, and no HTML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docsearch_cli.explore.findings import Citation, Findings
from docsearch_cli.explore.step_summary import StepSummary
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.explore.written_answer import WrittenAnswer
from docsearch_cli.retrieval.tokens import spelled, spellings
from docsearch_cli.runs.certificate import CertificateLine
from docsearch_cli.runs.ending import written_answer
from docsearch_cli.runs.picture import RunPicture
from docsearch_cli.runs.step_row import AttemptRow, StepRow
from docsearch_cli.runs.step_values import read_decision, read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, fixed_output
from docsearch_cli.runs.words import DECISION_WORDS, DROP_WORDS, edge_words
from docsearch_cli.steps import Drop

# Of a longer run a page that showed everything would take seconds to open: only the steps that are
# quoted or went wrong are shown whole there.
_MOST_WHOLE = 150
# A page with so much of what agents read is big enough, whatever the number of steps.
_MOST_READ_CHARS = 3_000_000
# So many edges of a page are listed, those that were proposed first.
_MOST_EDGES = 12


@dataclass(frozen=True, slots=True)
class Proposal:
    """A page that a step, or the search plan, wanted to have opened."""

    target: str
    priority: float
    reason: str
    fate: str
    """In words, why it was not opened by this proposal; empty if it was."""
    step: int | None
    """The step that opened it."""


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """An edge that an agent was shown."""

    target: str
    kind: str
    line: int
    text: str
    score: float
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class AttemptCard:
    """An attempt of a step, with what it wrote."""

    row: AttemptRow
    detail: str
    log: str


@dataclass(frozen=True, slots=True)
class StepCard:
    """A step that opened a node, with everything that is recorded of it."""

    row: StepRow
    summary: StepSummary
    view: View
    decision: Decision | None
    children: tuple[int, ...]
    proposals: tuple[Proposal, ...]
    edges: tuple[EdgeLine, ...]
    attempts: tuple[AttemptCard, ...]
    covered: tuple[str, ...]
    """What of the question was found on the way here, as it is spelled there."""
    quotes: tuple[int, ...]
    """Numbers of the answer's quotes that are from here."""
    is_whole: bool
    """Whether all of its view and proposals is shown, not only counted."""

    @property
    def number(self) -> int:
        """Its dispatch number."""
        return self.summary.number

    @property
    def state(self) -> str:
        """What became of it: a key of ``DECISION_WORDS``."""
        return self.summary.decision if self.row.has_ended else "running"

    @property
    def state_words(self) -> str:
        """The same in words."""
        return DECISION_WORDS[self.state]

    @property
    def way(self) -> str:
        """How it was reached, in words."""
        return edge_words(self.summary) or self.summary.edge.replace("_", " ")

    @property
    def kinds(self) -> str:
        """What a reader can choose it by."""
        more = {
            "cited": bool(self.quotes),
            "cached": self.summary.cached,
            "retried": len(self.attempts) > 1,
            "degraded": self.row.degraded,
        }
        return " ".join([self.state, *(name for name, holds in more.items() if holds)])


@dataclass(frozen=True, slots=True)
class DropLine:
    """A proposal that was not taken."""

    target: str
    by: int | None
    """The step that proposed it; None for the search plan."""
    reason: str
    words: str
    priority: float


@dataclass(frozen=True, slots=True)
class RunData:
    """Everything that a report of a run shows."""

    picture: RunPicture
    findings: Findings | None
    """None if the run did not get so far."""
    written: WrittenAnswer | None
    cards: tuple[StepCard, ...]
    fixed: tuple[StepRow, ...]
    drops: tuple[DropLine, ...]

    @property
    def trace(self) -> Trace:
        """The run."""
        return self.picture.trace

    @property
    def evidence(self) -> tuple[Citation, ...]:
        """The quotes of the answer."""
        return self.findings.evidence if self.findings is not None else ()

    @property
    def seeds(self) -> tuple[StepCard, ...]:
        """The steps that the search plan asked for."""
        return tuple(card for card in self.cards if card.summary.parent is None)

    def card(self, number: int) -> StepCard:
        """Return the step with this dispatch number."""
        return self.cards[number - 1]


def gather_run(store: RunStore, picture: RunPicture) -> RunData:
    """Return what a report of a run shows.

    Args:
        store: The run's record.
        picture: The same run, as it is drawn.

    Returns:
        The data.
    """
    trace = picture.trace
    findings = _findings(store, trace)
    written = written_answer(store, trace)
    fates = dict(_fates(trace))
    quotes: dict[str, list[int]] = {}
    for item in findings.evidence if findings is not None else ():
        quotes.setdefault(item.step, []).append(item.n)
    children: dict[int, list[int]] = {}
    for summary in picture.steps:
        if summary.parent is not None:
            children.setdefault(summary.parent, []).append(summary.number)
    is_short = len(trace.steps) <= _MOST_WHOLE
    cards, read_chars = [], 0
    for row, summary in zip(trace.steps, picture.steps, strict=True):
        view, decision = read_view(store, row), read_decision(store, row)
        read_chars += sum(len(section.text) for section in view.sections)
        cards.append(
            StepCard(
                row=row,
                summary=summary,
                view=view,
                decision=decision,
                children=tuple(children.get(summary.number, ())),
                proposals=tuple(_proposals(summary.number, decision, fates)),
                edges=tuple(_edges(view, decision)),
                attempts=tuple(_attempt(store, attempt) for attempt in row.attempts),
                covered=_covered(view),
                quotes=tuple(quotes.get(row.id, ())),
                is_whole=read_chars <= _MOST_READ_CHARS
                and (is_short or row.id in quotes or row.output is None or len(row.attempts) > 1),
            )
        )
    return RunData(
        picture=picture,
        findings=findings,
        written=WrittenAnswer.from_dict(json.loads(written)) if written else None,
        cards=tuple(cards),
        fixed=trace.fixed,
        drops=tuple(
            DropLine(drop.subject, drop.parent, drop.reason, DROP_WORDS[drop.reason], drop.priority)
            for drop in trace.drops
        ),
    )


def _findings(store: RunStore, trace: Trace) -> Findings | None:
    output = fixed_output(store, trace, "aggregate")
    return Findings.from_dict(json.loads(output)) if output is not None else None


Fate = int | Drop
"""What a proposal led to: the step that was sent for it, or that it was dropped."""


def _fates(trace: Trace) -> Iterator[tuple[tuple[int | None, int | None], Fate]]:
    """Yield what became of each proposal, by the step that made it and its place there."""
    for drop in trace.drops:
        yield (drop.parent, drop.item), drop
    for row in trace.steps:
        if row.planned is not None:
            yield (row.planned.parent, row.planned.item), row.planned.number


def _proposals(
    number: int, decision: Decision | None, fates: Mapping[tuple[int | None, int | None], Fate]
) -> Iterator[Proposal]:
    for item, follow in enumerate(decision.follow if decision is not None else ()):
        fate = fates.get((number, item))
        words = "still waiting when the search ended" if fate is None else ""
        if isinstance(fate, Drop):
            words = DROP_WORDS[fate.reason]
        step = fate if isinstance(fate, int) else None
        yield Proposal(follow.target, follow.priority, follow.reason, words, step)


def _edges(view: View, decision: Decision | None) -> Iterator[EdgeLine]:
    """Yield the edges of a page that are listed: those proposed, then the best of the others."""
    proposed = {follow.edge for follow in decision.follow} if decision is not None else set()
    places = sorted(range(len(view.edges)), key=lambda place: (place not in proposed, place))
    for place in places[: max(_MOST_EDGES, len(proposed))]:
        edge = view.edges[place]
        yield EdgeLine(
            edge.target, edge.label.replace("_", " "), edge.line, edge.text, edge.score,
            place in proposed,
        )  # fmt: skip


def _covered(view: View) -> tuple[str, ...]:
    words = spellings(view.question, view.language, view.stems)
    return tuple(spelled(view.covered, words))


def _attempt(store: RunStore, row: AttemptRow) -> AttemptCard:
    return AttemptCard(row, *(_text(store, name) for name in (row.detail, row.log)))


def _text(store: RunStore, name: str) -> str:
    return store.blob(name).decode("utf-8", "replace") if name else ""


def certificate_of(trace: Trace) -> list[CertificateLine]:
    """Return what the run says that it used of each limit; nothing if it never ended."""
    return [CertificateLine(**facts) for facts in trace.ending.get("certificate", [])]
