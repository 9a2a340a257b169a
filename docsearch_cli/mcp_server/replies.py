"""What the tools answer with, in the fewest words that say it: a client pays for each of them.

A place is ``path`` and ``lines`` (``12-20``), as ``show`` takes them. What says nothing is left
out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# Not typing's: pydantic reads nested ones only from here, before Python 3.12.
from typing_extensions import NotRequired, TypedDict  # noqa: UP035

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.index.related import Related
    from docsearch_cli.runs.overview import ListedRun
    from docsearch_cli.search.hits import Hits
    from docsearch_cli.service.replies import Explored, Place, ReplayedStep, Shown, ShownRun

# Edges that a replayed step follows.
_MOST_NAMED = 10


class HitReply(TypedDict):
    """A document that was found."""

    path: str
    lines: str
    title: str
    heading: NotRequired[str]
    score: float
    text: str


class SearchReply(TypedDict):
    """What a search found."""

    hits: list[HitReply]
    notes: NotRequired[list[str]]


class QuoteReply(TypedDict):
    """A quote."""

    path: str
    lines: str
    heading: NotRequired[str]
    text: str
    changed: NotRequired[bool]


class ExploreReply(TypedDict):
    """What an exploration found."""

    found: bool
    quotes: list[QuoteReply]
    also: NotRequired[list[str]]
    agents: int
    stopped: str
    run: NotRequired[str]
    resume: NotRequired[str]
    notes: NotRequired[list[str]]


class ShownReply(TypedDict):
    """Lines of a document."""

    path: str
    lines: str
    title: str
    heading: NotRequired[str]
    text: str
    next_line: NotRequired[int]
    next_char: NotRequired[int]
    changed: NotRequired[bool]


class ShowReply(ShownReply):
    """The same, with further places."""

    more: NotRequired[list[ShownReply]]
    left: NotRequired[list[str]]
    notes: NotRequired[list[str]]


class EdgeReply(TypedDict):
    """An edge of a page."""

    direction: str
    kind: str
    path: str
    title: str
    line: NotRequired[int]
    text: NotRequired[str]


class RelatedReply(TypedDict):
    """The edges of a page."""

    path: str
    edges: list[EdgeReply]
    total: int


class RunRowReply(TypedDict):
    """A run in a list."""

    run: str
    question: NotRequired[str]
    asked: NotRequired[str]
    status: str
    agents: NotRequired[int]


class StepReply(TypedDict):
    """A step of a run."""

    step: int
    path: str
    parent: NotRequired[int]
    edge: str
    decision: str
    score: float
    reason: str


class RunsReply(TypedDict):
    """Recorded runs, or the steps of one."""

    runs: list[RunRowReply]
    total: NotRequired[int]
    steps: NotRequired[list[StepReply]]
    more_steps: NotRequired[int]
    changed_since: NotRequired[list[str]]


class ReplayReply(TypedDict):
    """A step that was run again."""

    step: str
    reproduced: bool
    path: NotRequired[str]
    saw: NotRequired[list[str]]
    decision: NotRequired[str]
    reason: NotRequired[str]
    quotes: NotRequired[list[QuoteReply]]
    follows: NotRequired[list[str]]
    differences: NotRequired[list[str]]
    error: NotRequired[str]
    changed_since: NotRequired[list[str]]


def lines_of(first: int, last: int) -> str:
    """Return lines as ``show`` takes them."""
    return str(first) if first == last else f"{first}-{last}"


def search_reply(found: Hits, stale: str) -> SearchReply:
    """Return what a search found.

    Args:
        found: The hits.
        stale: What has changed since the documents were indexed; empty if nothing.

    Returns:
        The reply.
    """
    reply: SearchReply = {"hits": []}
    for hit in found.hits:
        row: HitReply = {
            "path": hit.path,
            "lines": lines_of(hit.line_start, hit.line_end),
            "title": hit.title,
            "score": round(hit.score, 2),
            "text": hit.text,
        }
        if hit.headings:
            row["heading"] = " > ".join(hit.headings)
        reply["hits"].append(row)
    if notes := [*found.notes, *([stale] if stale else [])]:
        reply["notes"] = notes
    return reply


def explore_reply(explored: Explored) -> ExploreReply:
    """Return what an exploration found."""
    answer = explored.answer
    quotes: list[QuoteReply] = []
    for quote in answer.quotes:
        row: QuoteReply = {
            "path": quote.path,
            "lines": lines_of(quote.line_start, quote.line_end),
            "text": quote.plain,
        }
        if quote.heading:
            row["heading"] = quote.heading
        if quote.state != "current":
            row["changed"] = True
        quotes.append(row)
    reply: ExploreReply = {
        "found": answer.found,
        "quotes": quotes,
        "agents": answer.budget["agents_used"],
        "stopped": answer.stop_reason,
    }
    if explored.further:
        reply["also"] = [str(place) for place in explored.further]
    if answer.run_id is not None:
        reply["run"] = answer.run_id
    if explored.resume:
        reply["resume"] = explored.resume
    reason = () if answer.found else (answer.reason,)
    if notes := list(dict.fromkeys((*explored.clamped, *reason, *answer.notes, *answer.warnings))):
        reply["notes"] = notes
    return reply


def show_reply(
    shown: Shown, more: Sequence[Shown] = (), left: Sequence[Place] = (), notes: Sequence[str] = ()
) -> ShowReply:
    """Return lines of a document, and further places that were asked for with them.

    Args:
        shown: The lines.
        more: The further places that fit.
        left: Those that do not.
        notes: Why some cannot be shown.

    Returns:
        The reply.
    """
    reply: ShowReply = {**_shown_reply(shown)}  # type: ignore[typeddict-item]  # it has no more
    if more:
        reply["more"] = [_shown_reply(place) for place in more]
    if left:
        reply["left"] = [str(place) for place in left]
    if notes:
        reply["notes"] = list(notes)
    return reply


def _shown_reply(shown: Shown) -> ShownReply:
    reply: ShownReply = {
        "path": shown.path,
        "lines": lines_of(shown.line_start, shown.line_end),
        "title": shown.title,
        "text": shown.text,
    }
    if heading := " > ".join(name for name in shown.headings if name != shown.title):
        reply["heading"] = heading
    if shown.next_line is not None:
        reply["next_line"] = shown.next_line
    if shown.next_char:
        reply["next_char"] = shown.next_char
    if shown.changed:
        reply["changed"] = True
    return reply


def related_reply(related: Related) -> RelatedReply:
    """Return the edges of a page."""
    edges: list[EdgeReply] = []
    for relation in related.relations:
        row: EdgeReply = {
            "direction": relation.direction,
            "kind": relation.kind,
            "path": relation.path,
            "title": relation.title,
        }
        if relation.line:
            row["line"] = relation.line
        if said := relation.sentence or relation.anchor:
            row["text"] = said
        edges.append(row)
    return {"path": related.path, "edges": edges, "total": related.total}


def runs_reply(listed: Sequence[ListedRun], total: int) -> RunsReply:
    """Return a list of runs."""
    return {"runs": [_run_row(run) for run in listed], "total": total}


def _run_row(run: ListedRun) -> RunRowReply:
    row: RunRowReply = {"run": run["run_id"], "status": run["status"]}
    if run["question"] is not None:
        row["question"] = run["question"]
    if run["created_at"] is not None:
        row["asked"] = run["created_at"]
    if run["agents_used"] is not None:
        row["agents"] = run["agents_used"]
    return row


def run_reply(shown: ShownRun, most: int) -> RunsReply:
    """Return one run with its steps.

    Args:
        shown: The run.
        most: Most steps.

    Returns:
        The reply.
    """
    picture = shown.picture
    row: RunRowReply = {
        "run": picture.run_id,
        "question": shown.question,
        "asked": str(picture.trace.facts["created_at"]),
        "status": picture.trace.status,
        "agents": len(picture.steps),
    }
    reply: RunsReply = {"runs": [row], "steps": [_step_row(step) for step in picture.steps[:most]]}
    if len(picture.steps) > most:
        reply["more_steps"] = len(picture.steps) - most
    if shown.drift:
        reply["changed_since"] = list(shown.drift)
    return reply


def _step_row(step: StepSummary) -> StepReply:
    row: StepReply = {
        "step": step.number,
        "path": step.path,
        "edge": step.edge,
        "decision": step.decision,
        "score": round(step.score, 2),
        "reason": step.reason,
    }
    if step.parent is not None:
        row["parent"] = step.parent
    return row


def replay_reply(replayed: ReplayedStep) -> ReplayReply:
    """Return what came of a step that was run again."""
    replay, decided = replayed.replay, replayed.decided
    reply: ReplayReply = {"step": replay.step.id, "reproduced": replay.reproduced}
    if replay.step.planned is not None:
        reply["path"] = str(replay.input["path"])
        reply["saw"] = [
            f"{lines_of(first, last)} {heading}".rstrip() for heading, first, last in replayed.seen
        ]
    if decided is not None:
        reply["decision"], reply["reason"] = decided.kind, decided.reason
        reply["quotes"] = [
            {
                "path": str(replay.input["path"]),
                "lines": lines_of(quote.line_start, quote.line_end),
                "text": quote.plain,
            }
            for quote in decided.evidence
        ]
        reply["follows"] = [follow.target for follow in decided.follow[:_MOST_NAMED]]
    if replay.error:
        reply["error"] = replay.error
    if replay.differences:
        reply["differences"] = [item.field for item in replay.differences]
    if replay.drift:
        reply["changed_since"] = [f"{item.what}: {item.detail}" for item in replay.drift]
    return reply
