"""Entity edges: from a node to those that speak of the same rare thing.

A name that *k* nodes share would make *k* squared edges, and most of them lead nowhere. So they
are not stored: when a node is opened, the names in what is read of it are looked up in the keyword
index. They are worth more the rarer the name is, and the fewer names there are beside it; several
shared names add up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.plain import plain_text
from docsearch_cli.explore.question import ScoredQuestion
from docsearch_cli.graph.entities import names_in
from docsearch_cli.retrieval.tokens import tokenize

# A name that more nodes hold leads nowhere in particular; of few nodes, the root of their number.
_MOST_SHARING = 60
# A page of so many names says less of each: the weight falls with the root of their number.
_FEW_NAMES = 10


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name, as it is spelled where it stands first."""

    name: str
    section: int
    """Row of that section."""


@dataclass(frozen=True, slots=True)
class SharedNames:
    """The nodes that speak of things that one node names.

    Shapes:
        targets: (n,) int64, rows of nodes, ascending.
        weights: (n,) float32, 0 to 1: how rare what they share is.
        names: (n,) int64, place in ``found`` of the rarest name that they share.
        sections: (n,) int64, row of the target's most relevant section that holds that name.
    """

    found: Sequence[FoundName]
    targets: NDArray[np.int64]
    weights: NDArray[np.float32]
    names: NDArray[np.int64]
    sections: NDArray[np.int64]


def shared_names(scored: ScoredQuestion, node: int, sections: Sequence[int]) -> SharedNames:
    """Return the nodes that share a rare name with what is read of a node.

    Names made of the question's own words are left out: what holds them is found by keyword.

    Args:
        scored: The question against the corpus.
        node: The node's row.
        sections: Rows of the sections that are read.

    Returns:
        Each other node once.
    """
    index = scored.index
    names = _names_of(scored, node, sections)
    crowd = math.sqrt(1 + len(names) / _FEW_NAMES)
    whole = math.log(max(2, index.node_count)) * crowd
    most = max(2, min(_MOST_SHARING, math.isqrt(index.node_count)))
    holding: list[NDArray[np.int32]] = []
    counts: list[int] = []
    weights: list[float] = []
    places: list[int] = []
    for place, tokens in enumerate(names):
        rows = _sections_holding(scored, tokens)
        count = _node_count(scored, rows)
        if 2 <= count <= most:
            holding.append(rows)
            counts.append(len(rows))
            weights.append(math.log(index.node_count / count) / whole)
            places.append(place)
    rows = np.concatenate([np.zeros(0, np.int32), *holding]).astype(np.int64)
    name = np.repeat(np.array(places, dtype=np.int64), counts)
    weight = np.repeat(np.array(weights, dtype=np.float32), counts)
    targets = _nodes_of(scored, rows)
    # A node's names from the rarest on, each by the most relevant section that holds it.
    order = np.lexsort((rows, -scored.relevance[rows], name, -weight, targets))
    order = order[targets[order] != node]
    targets, rows, name, weight = (values[order] for values in (targets, rows, name, weight))
    new = np.ones(len(targets), dtype=bool)
    new[1:] = (targets[1:] != targets[:-1]) | (name[1:] != name[:-1])
    targets, rows, name, weight = (values[new] for values in (targets, rows, name, weight))
    first = np.flatnonzero(np.diff(targets, prepend=-1))
    together = np.multiply.reduceat(1 - weight, first) if len(first) else weight
    return SharedNames(
        tuple(names.values()),
        targets[first],
        (1 - together).astype(np.float32),
        name[first],
        rows[first],
    )


def line_of(name: str, text: str) -> int:
    """Return on which line of a section's own text a name stands first, from 0."""
    start = text.find(name)
    if start < 0:  # it is broken by a line end or by markup
        words = re.findall(r"\w+", name)
        match = re.search(r"[\W_]+".join(re.escape(word) for word in words), text)
        start = match.start() if match is not None else 0
    return text.count("\n", 0, start)


def _names_of(
    scored: ScoredQuestion, node: int, sections: Sequence[int]
) -> dict[tuple[str, ...], FoundName]:
    """Return the names in some sections by their tokens."""
    index = scored.index
    markup = index.markup(int(index.node_documents[node]))
    question = set(scored.terms.tokens)
    found: dict[tuple[str, ...], FoundName] = {}
    for section in sections:
        for name in dict.fromkeys(names_in(plain_text(index.texts[section], markup))):
            tokens = tuple(dict.fromkeys(tokenize(name)))
            if tokens and not question.issuperset(tokens):
                found.setdefault(tokens, FoundName(name, section))
    return found


def _sections_holding(scored: ScoredQuestion, tokens: Sequence[str]) -> NDArray[np.int32]:
    """Return the sections that hold all of some tokens, ascending."""
    lists = sorted((scored.postings(token) for token in tokens), key=len)
    holding = lists[0]
    for other in lists[1:]:
        if not len(holding):
            break
        places = np.searchsorted(other[:-1], holding)  # past the end is the last place
        holding = holding[other[places] == holding]
    return holding


def _nodes_of(scored: ScoredQuestion, sections: NDArray[np.integer]) -> NDArray[np.int64]:
    starts = scored.index.node_starts
    return (np.searchsorted(starts, sections, side="right") - 1).astype(np.int64)


def _node_count(scored: ScoredQuestion, sections: NDArray[np.int32]) -> int:
    """Return how many nodes some sections are of; ascending sections have ascending nodes."""
    if len(sections) < 2:
        return len(sections)
    return 1 + int(np.count_nonzero(np.diff(_nodes_of(scored, sections))))
