"""Where to begin: the nodes that open a search.

Candidates are the best nodes by relevance, the nodes whose title or alias is in the question, and
the starting points that a person gave. Gathering them reads the index; choosing among them is pure
and a step of the run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, ScoredQuestion
from docsearch_cli.graph.titles import name_words
from docsearch_cli.retrieval.languages import STOP_WORDS

# What a title in the question adds to a node's score; a single word is often just a word.
_NAMED_BONUS = 0.5
_NAMED_WORD_BONUS = 0.25
# What a starting point adds: more than anything else can reach.
_START_BONUS = 2.0
# The source of a seed whose title is in the question.
TITLE_SOURCE = "title"
# Longest name searched for in a question, in words.
_MOST_NAME_WORDS = 10
# Documents that may share a name before it names none of them.
_MOST_SHARING = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that could open the search."""

    node: str
    row: int
    path: str
    title: str
    score: float
    """Relevance of its best section, the corpus's best being 1."""
    named: str
    """Its name in the question; empty if there is none."""
    started: bool
    """True for a starting point given by a person."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A node that opens the search, and why."""

    node: str
    row: int
    path: str
    priority: float
    source: str
    """``start``, ``title`` or ``keyword``."""


def gather_candidates(
    scored: ScoredQuestion, *, count: int, starts: Sequence[int] = ()
) -> list[Candidate]:
    """Return the nodes that could open the search.

    Args:
        scored: The question against the corpus.
        count: Most nodes to take from the keyword ranking.
        starts: Rows of nodes that are candidates in any case.

    Returns:
        Candidates ordered by row.
    """
    named = _named_nodes(scored)
    rows = {*(scored.best_nodes(count) if count else ()), *named, *starts}
    index = scored.index
    return [
        Candidate(
            node=index.node_id(row),
            row=row,
            path=index.paths[int(index.node_documents[row])],
            title=index.node_title(row),
            score=round(float(scored.node_scores[row]), 4),
            named=named.get(row, ""),
            started=row in starts,
        )
        for row in sorted(rows)
    ]


def choose_seeds(candidates: Sequence[Candidate], most: int) -> list[Seed]:
    """Return the seeds, best first; ties go to the smaller node id."""
    seeds = [_seed(candidate) for candidate in candidates]
    seeds.sort(key=lambda seed: (-seed.priority, seed.node))
    return [seed for seed in seeds if seed.priority > 0][:most]


def _seed(candidate: Candidate) -> Seed:
    priority, source = candidate.score, "keyword"
    if candidate.named:
        several = len(candidate.named.split()) > 1
        priority += _NAMED_BONUS if several else _NAMED_WORD_BONUS
        source = TITLE_SOURCE
    if candidate.started:
        priority += _START_BONUS
        source = "start"
    return Seed(candidate.node, candidate.row, candidate.path, round(priority, 4), source)


def _named_nodes(scored: ScoredQuestion) -> dict[int, str]:
    """Return the nodes that the question names, longest names first, words used once."""
    text = unicodedata.normalize("NFKC", scored.question[:MOST_QUESTION_CHARS])
    words = name_words(text)
    found: dict[int, str] = {}
    position = 0
    while position < len(words):
        size = _longest_name(scored, words, position, found)
        position += max(size, 1)
    return found


def _longest_name(
    scored: ScoredQuestion, words: tuple[str, ...], position: int, found: dict[int, str]
) -> int:
    for size in range(min(_MOST_NAME_WORDS, len(words) - position), 0, -1):
        part = words[position : position + size]
        if all(word in STOP_WORDS or word.isdigit() for word in part):
            continue
        name = " ".join(part)
        nodes = scored.index.nodes_named(name)
        if nodes and len(nodes) <= _MOST_SHARING:
            if scored.beginning_nodes is not None:
                nodes = [node for node in nodes if scored.beginning_nodes[node]]
            for node in nodes:
                found.setdefault(node, name)
            return size
    return 0
