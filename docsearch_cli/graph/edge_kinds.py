"""The kinds of edges: one row for each, from which everything that depends on a kind derives.

A *stored* kind is found while an index is built; one without a code is found when an agent opens a
page. To add a kind, write a module with its finder and a row here:

    stored      finder(PageOutline) -> Iterable[Edge]              as graph/structure.py
    on opening  finder(ScoredQuestion, node, Sequence[ReadText]) -> FoundEdges
                                                                   as explore/entity_edges.py

*Propagation* is how far an edge raises its target's score towards the priority that the target was
opened with; *coupling* is how far the two pages are ranked by what they cover together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

# An edge below this priority is not worth an agent. Measured on eight sets: .2 saves a quarter to
# a third of the agents that .08 spends and costs at most .3 points of recall; .25 costs up to .7.
LEAST_PRIORITY = 0.2


@dataclass(frozen=True, slots=True)
class EdgeKind:
    """What is known of one kind of edge."""

    name: str
    """As it is recorded, and shown everywhere; see ``label_words``."""
    code: int | None = None
    """Its number in a stored graph, never changed or used again. None for a kind that is found on
    opening a page."""
    finder: str = ""
    """``module:function`` that finds it; empty for links, inclusions and mentions, which the index
    updates one document at a time (``index/links.py``, ``index/mentions.py``)."""
    prior: float = 0.0
    """What an edge of weight 1 adds to its priority, whatever its target is."""
    backward_label: str = ""
    """How it is recorded and shown where it is walked backwards; empty if it never is."""
    backward_prior: float = 0.0
    """As ``prior``, where it is walked backwards."""
    least_priority: float = LEAST_PRIORITY
    """Below this the local agent does not follow it."""
    most_shown: int | None = None
    """Most edges of a kind found on opening that a view shows; None for no limit of its own."""
    promise: float = 0.0
    """What an edge of weight 1 that says all of the question promises of its target: so far it is
    raised where nothing answers by itself, as far as the page it starts at is good."""
    goes_by_names: bool = False
    """Whether it raises its target only as far as the corpus's titles are names, as in an
    encyclopedia: in manuals a title is an ordinary phrase."""
    least_propagation: float = 0.0
    """At weight 0."""
    most_propagation: float = 0.0
    """At full coupling."""
    coupling_per_weight: float = 0.0
    """Coupling of an edge is its weight times this, at most 1."""
    meaning: str = ""
    """What it joins, for a person."""

    def label(self, direction: str) -> str:
        """Return how an edge is recorded and shown; ``direction`` is ``out`` or ``in``."""
        if direction == "out":
            return self.name
        return self.backward_label or self.name

    def prior_of(self, direction: str) -> float:
        """Return what an edge of weight 1 adds to its priority, walked in a direction."""
        return self.prior if direction == "out" else self.backward_prior

    def coupling(self, weight: float) -> float:
        """Return how far the two pages are ranked by what they cover together: 0 to 1."""
        return min(1.0, self.coupling_per_weight * weight)

    def propagation(self, weight: float) -> float:
        """Return how far an edge raises its target: 0 to 1."""
        room = self.most_propagation - self.least_propagation
        return self.least_propagation + room * self.coupling(weight)

    @property
    def vouches(self) -> bool:
        """Whether it raises its target: the page it starts at names it."""
        return self.most_propagation > 0

    def load_finder(self) -> Callable[..., Any]:
        """Return the function that finds it."""
        module, _, function = self.finder.partition(":")
        return cast(Callable[..., Any], getattr(import_module(module), function))


EDGE_KINDS: tuple[EdgeKind, ...] = (
    # A hyperlink on a technical page is only a reason to look: raising its target by it alone loses
    # recall to the plain keyword ranking there. What its sentence says of the question is evidence.
    EdgeKind(
        "link",
        meaning="a hyperlink, wiki link or cross-reference, and the page it leads to",
        code=0,
        prior=0.05,
        promise=1.6,
    ),
    # The file is part of the page: what one says, the other does.
    EdgeKind(
        "include",
        meaning="a page, and a file that is part of it",
        code=4,
        prior=0.2,
        promise=1.6,
        coupling_per_weight=1.0,
    ),
    # Naming another document in running text is a strong sign in any corpus; a page that names
    # this one may be the bridge. It raises its target three quarters of the way, and all of it
    # where the name is rare (a weight of 1 / 1.5).
    EdgeKind(
        "mention",
        meaning="a page, and another whose title or alias it names without a link",
        code=1,
        prior=0.5,
        backward_label="mentioned_by",
        backward_prior=0.05,
        goes_by_names=True,
        least_propagation=0.75,
        most_propagation=1.0,
        coupling_per_weight=1.5,
    ),
    EdgeKind(
        "part",
        meaning="a folder's page and the pages in it; parts of a document too long to open at once",
        code=2,
        finder="docsearch_cli.graph.structure:structure_edges",
    ),
    EdgeKind(
        "next",
        meaning="one part of a long document, and the next",
        code=3,
        finder="docsearch_cli.graph.structure:structure_edges",
    ),
    # A shared name leads to many pages, so one more must promise more. Measured on seven sets: .35
    # opens 8 points more of the gold on the hardest set at 14 agents a question; .3 opens one more
    # at 15, .4 four fewer at 12.
    EdgeKind(
        "entity",
        meaning="two pages that speak of the same rare thing: a name, an identifier, an error code",
        finder="docsearch_cli.explore.entity_edges:entity_edges",
        prior=0.2,
        least_priority=0.35,
        most_shown=12,
        promise=0.7,
        goes_by_names=True,
        coupling_per_weight=1.0,
    ),
    # What a page taught, beside what it leaves open: no page needs to name the other.
    EdgeKind(
        "follow_up",
        meaning="a page, and a section that holds what the page taught and what it leaves open",
        finder="docsearch_cli.explore.follow_up:follow_up_edges",
        prior=0.1,
        least_priority=0.3,
        promise=0.7,
        goes_by_names=True,
    ),
)

_BY_NAME = {kind.name: kind for kind in EDGE_KINDS}
_BY_CODE = {kind.code: kind for kind in EDGE_KINDS if kind.code is not None}
STORED_CODES = tuple(sorted(_BY_CODE))
_BY_LABEL = {kind.label(direction): kind for kind in EDGE_KINDS for direction in ("in", "out")}
KINDS_FOUND_ON_OPENING = tuple(kind for kind in EDGE_KINDS if kind.code is None)
PRECEDENCE = tuple(
    next((place for place, kind in enumerate(EDGE_KINDS) if kind.code == code), len(EDGE_KINDS))
    for code in range(max(STORED_CODES) + 1)
)
"""Place of each stored kind in the table, by its code: of two edges between the same pages the
first stays."""
BACKWARD_CODES = tuple(
    kind.code for kind in EDGE_KINDS if kind.code is not None and kind.backward_label
)

PROMISING_CODES = tuple(kind.code for kind in EDGE_KINDS if kind.code is not None and kind.promise)


def kind_named(name: str) -> EdgeKind:
    """Return a kind; for an unknown name, as in a record of other code, one that says nothing."""
    return _BY_NAME.get(name) or EdgeKind(name)


def kind_of_code(code: int) -> EdgeKind:
    """Return the kind that a stored graph means by a number."""
    return _BY_CODE[code]


def kind_of_label(label: str) -> EdgeKind | None:
    """Return the kind that a recorded label is about; None for what led to a seed."""
    return _BY_LABEL.get(label)


def label_words(label: str) -> str:
    """Return a recorded label as a person reads it, wherever that is: in the kind's own word."""
    return label.replace("_", " ")


def code_of(name: str) -> int:
    """Return the number of a stored kind.

    Args:
        name: The kind.

    Returns:
        Its number in a stored graph.

    Raises:
        ValueError: If it is not stored.
    """
    code = kind_named(name).code
    if code is None:
        raise ValueError(f"edges of kind {name!r} are not stored")
    return code
