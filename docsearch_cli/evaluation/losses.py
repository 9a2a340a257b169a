"""Where gold documents are lost: at which stage of a search each one was left behind.

    keyword ranking, seeds --not seeded--> edges --not reached--> opened --not ranked--> first five
                                                                        --not quoted--> found

A gold document is *found* if it is among the first five of the final ranking; where it holds the
answer in words, a quote has to hold them too. What is not found was lost at exactly one stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.evaluation.answers import (
    AnswerPlace,
    Looked,
    find_answer,
    holds_answer,
    place_answer,
    searchable_answers,
)
from docsearch_cli.evaluation.search_trace import SearchTrace, SeenEdge
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.steps import DropReason, StopReason

if TYPE_CHECKING:
    from docsearch_cli.evaluation.questions import GoldQuestion
    from docsearch_cli.search.result import AskResult

# A document is found if it is ranked among so many.
FOUND_RANKS = 5
# A document among so many of the keyword ranking could have been a seed.
SEED_RANKS = 20

Stage = Literal["found", "not_quoted", "not_ranked", "not_seeded", "not_reached", "not_indexed"]
STAGES: tuple[Stage, ...] = (
    "found",
    "not_quoted",
    "not_ranked",
    "not_seeded",
    "not_reached",
    "not_indexed",
)
LossReason = Literal[AnswerPlace, StopReason, DropReason, "not_proposed", "failed", "no_edge", ""]
"""Of ``not_quoted``, where the answer stands. Of ``not_reached``: what ended the search while an
edge to the document waited; why an edge to it was dropped; ``not_proposed`` if its agent did not
want it; ``failed`` if opening it failed; ``no_edge`` if none was seen. Else empty."""


@dataclass(frozen=True, slots=True)
class GoldFacts:
    """What a search did with a gold document."""

    indexed: bool
    rank: int | None
    """In the final ranking, from 1; None if it is not in it."""
    keyword_rank: int | None
    """In the keyword ranking, from 1; None if it is not in what was looked at of it."""
    opened: bool
    failed: bool
    """True if it was to be opened and that failed."""
    edge: SeenEdge | None
    """The edge that came nearest to opening it; None if none was seen."""
    answer: AnswerPlace | None
    """Where it holds the answer; None if a quote holds it, or the document does not."""
    stop_reason: StopReason | Literal["simple"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Where one gold document was lost, if it was."""

    path: str
    stage: Stage
    reason: LossReason
    rank: int | None
    keyword_rank: int | None
    opened: bool
    edge: SeenEdge | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as it stands in a predictions file."""
        edge = self.edge
        return {
            "gold": self.path,
            "stage": self.stage,
            "reason": self.reason or None,
            "rank": self.rank,
            "keyword_rank": self.keyword_rank,
            "opened": self.opened,
            "seen_on": edge.path if edge is not None else None,
            "seen_by": edge.label if edge is not None else None,
        }


def decide_stage(facts: GoldFacts) -> tuple[Stage, LossReason]:
    """Return at which stage a gold document was lost, and why there."""
    if not facts.indexed:
        return "not_indexed", ""
    if facts.rank is not None and facts.rank <= FOUND_RANKS:
        return ("not_quoted", facts.answer) if facts.answer is not None else ("found", "")
    if facts.opened:
        return "not_ranked", ""
    if facts.failed:
        return "not_reached", "failed"
    if facts.keyword_rank is not None and facts.keyword_rank <= SEED_RANKS:
        return "not_seeded", ""
    if facts.edge is None:
        return "not_reached", "no_edge"
    if facts.edge.fate != "waiting":
        return "not_reached", facts.edge.fate
    assert facts.stop_reason != "simple"  # such a search sees no edges
    return "not_reached", facts.stop_reason


def answer_in_gold(index: IndexReader, question: GoldQuestion) -> bool | None:
    """Tell whether a question's gold documents hold its answer, word for word.

    Args:
        index: The index.
        question: With its gold documents and answers.

    Returns:
        None if there is nothing to look for.
    """
    if not searchable_answers(question.answers):
        return None
    return any(find_answer(index, path, question.answers) for path in question.gold)


def find_losses(
    index: IndexReader,
    question: GoldQuestion,
    result: AskResult,
    trace: SearchTrace,
    keyword_documents: Sequence[str],
) -> tuple[Loss, ...]:
    """Return where each gold document of a question was lost.

    Args:
        index: The index that was searched.
        question: With its gold documents and answers.
        result: What the search gave.
        trace: What it did on its way.
        keyword_documents: The keyword ranking, at least ``SEED_RANKS`` of it.

    Returns:
        One entry a gold document, in the file's order.
    """
    findings = result.findings
    ranks = {item.path: rank for rank, item in enumerate(findings.documents, start=1)}
    keyword_ranks = {path: rank for rank, path in enumerate(keyword_documents, start=1)}
    is_open = holds_answer(question.answers, " ".join(q.plain for q in findings.evidence)) is False
    losses = []
    for path in question.gold:
        nodes = index.nodes_of_document(path)
        is_opened = trace.was_opened(path)
        answer: AnswerPlace | None = None
        if is_open and nodes:
            quoted = [(q.line_start, q.line_end) for q in findings.evidence if q.path == path]
            looked = Looked(
                opened=is_opened or bool(trace.lines_read(path)),
                read=trace.lines_read(path),
                quoted=quoted,
                paged=is_paged(index.markup(int(index.node_documents[nodes.start]))),
            )
            answer = place_answer(find_answer(index, path, question.answers), looked)
        facts = GoldFacts(
            indexed=bool(nodes),
            rank=ranks.get(path),
            keyword_rank=keyword_ranks.get(path),
            opened=is_opened,
            failed=trace.has_failed(path),
            edge=trace.best_edge(path) if nodes and not is_opened else None,
            answer=answer,
            stop_reason=result.stop_reason,
        )
        stage, reason = decide_stage(facts)
        losses.append(
            Loss(path, stage, reason, facts.rank, facts.keyword_rank, is_opened, facts.edge)
        )
    return tuple(losses)
