"""The local agent: decides at one node, deterministically, without a model.

It reads the sections it is shown, quotes what answers the question, and proposes the edges whose
targets may cover what is still missing. It is a pure function of its view.
"""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.explore.page_quotes import page_quotes
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.explore.view import Decision, DecisionKind, EdgeView, Follow, View
from docsearch_cli.graph.edge_kinds import kind_named
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.retrieval.tokens import spelled, spellings
from docsearch_cli.steps import estimate_tokens

# Share of a priority that is the target's own score, and that is what it may add to the covered
# terms.
_OWN_SHARE = 0.5
_GAIN_SHARE = 0.15
# What an edge adds that says all of the question.
_SAID_SHARE = 0.6
# A node that covers this share of the question by itself is an answer.
_ANSWER_SHARE = 0.5


def decide(view: View) -> Decision:
    """Return the local agent's decision at a view."""
    terms = Terms(view.tokens, view.idf)
    quotes = page_quotes(
        view.sections, view.markup, view.question, terms, view.language, view.sought
    )
    here = [term for term in view.tokens if any(term in quote.terms for quote in quotes)]
    covered = tuple(term for term in view.tokens if term in here or term in view.covered)
    answering = [quote for quote in quotes if quote.holds > 0]
    relevance = round(_most_covered(answering or quotes, terms) * view.known_share, 4)
    words = spellings(view.question, view.language)
    follow = _follow(view, terms, covered, words)
    kind = _kind(relevance if answering else 0.0, follow)
    return Decision(
        kind=kind,
        relevance=relevance,
        reason=_reason(kind, relevance, spelled(here, words), follow, has_kind=bool(answering)),
        covered=covered,
        evidence=tuple(quotes),
        follow=follow,
        tokens_read=sum(estimate_tokens(section.text) for section in view.sections),
    )


def _most_covered(quotes: Sequence[Quote], terms: Terms) -> float:
    """Return how much of the question one quote covers, with what it stands under.

    Words that are spread over a page answer nothing together.
    """
    return max((terms.share(quote.terms) for quote in quotes), default=0.0)


def _kind(relevance: float, follow: tuple[Follow, ...]) -> DecisionKind:
    if relevance >= _ANSWER_SHARE:
        return "answer"
    return "expand" if follow else "dead_end"


def _follow(
    view: View, terms: Terms, covered: tuple[str, ...], words: dict[str, str]
) -> tuple[Follow, ...]:
    """Return the edges worth following, best first."""
    proposals: dict[str, Follow] = {}
    for place, edge in enumerate(view.edges):
        kind = kind_named(edge.kind)
        prior = kind.prior_of(edge.direction) * edge.weight
        missing = [term for term in edge.terms if term not in covered]
        gain = terms.share(missing)
        said = _SAID_SHARE * edge.weight * terms.share(edge.said)
        priority = round(_OWN_SHARE * edge.score + prior + _GAIN_SHARE * gain + said, 4)
        if priority < kind.least_priority:
            continue
        known = proposals.get(edge.target)
        if known is not None and _strength(view.edges[known.edge], known.priority) >= _strength(
            edge, priority
        ):
            continue
        proposals[edge.target] = Follow(
            edge.target, place, priority, _edge_reason(edge, spelled(missing, words))
        )
    return tuple(sorted(proposals.values(), key=lambda item: (-item.priority, item.target)))


def _strength(edge: EdgeView, priority: float) -> tuple[bool, float]:
    """Order the edges to one target: one by which its page vouches for it comes before others."""
    return kind_named(edge.kind).vouches, priority


def _edge_reason(edge: EdgeView, missing: list[str]) -> str:
    said = f"scores {edge.score:.2f}"
    if missing:
        said += f", may add {', '.join(missing[:4])}"
    return said


def _reason(
    kind: DecisionKind,
    relevance: float,
    here: list[str],
    follow: tuple[Follow, ...],
    *,
    has_kind: bool,
) -> str:
    found = f"speaks to {relevance:.0%} of the question"
    if here:
        found += f" ({', '.join(here[:6])})"
    if here and not has_kind:
        found += ", without the kind of thing it asks for"
    if kind == "dead_end":
        return f"{found}, and no edge promises more"
    noun = "edge" if len(follow) == 1 else "edges"
    return f"{found}; {len(follow)} {noun} worth following" if follow else found
