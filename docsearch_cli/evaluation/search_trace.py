"""What a search did on its way, kept in memory: edges seen, proposals dropped, lines read.

A search that is measured is not recorded; this is the part of the record that tells why a document
was not reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from docsearch_cli.explore.view import Decision, SectionView, View
from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.search.result import SearchObserver
from docsearch_cli.steps import Drop, DropReason, PlannedStep

EdgeFate = Literal["waiting", "not_proposed", DropReason]
"""What became of an edge that was seen and led nowhere: its target still waited when the search
ended, its agent did not propose it, or the plan dropped the proposal."""


@dataclass(frozen=True, slots=True)
class SeenEdge:
    """An edge that an agent was shown, and what became of it."""

    path: str
    """The document on which it was seen."""
    label: str
    """Its kind, as it is recorded."""
    priority: float
    """What the proposal was worth to the plan; for an edge that was not proposed, its target's own
    score less 1, so that any proposal counts for more."""
    fate: EdgeFate


class SearchTrace(SearchObserver):
    """Keeps what one search did, for as long as it is looked at."""

    def __init__(self) -> None:
        self._read: dict[str, list[tuple[int, int]]] = {}
        self._decided: set[str] = set()
        self._failed: set[str] = set()
        self._steps: list[tuple[PlannedStep, View, Decision | None]] = []
        self._drops: dict[tuple[int | None, int], Drop] = {}
        self._edges: dict[str, list[SeenEdge]] | None = None

    def opened(self, step: PlannedStep, view: View, decision: Decision | None) -> None:
        """Keep what an agent was shown and decided."""
        self._steps.append((step, view, decision))
        path = split_node_id(step.subject)[0]
        if decision is None:
            self._failed.add(path)
            return
        self._decided.add(path)
        self.read(path, view.sections)

    def dropped(self, drops: Sequence[Drop]) -> None:
        """Keep which proposals were not taken."""
        self._drops.update({(drop.parent, drop.item): drop for drop in drops})

    def read(self, path: str, sections: Sequence[SectionView]) -> None:
        """Keep which lines were read."""
        self._read.setdefault(path, []).extend(
            (item.line_start, min(item.line_end, item.line_start + item.text.count("\n")))
            for item in sections
        )

    def was_opened(self, path: str) -> bool:
        """Tell whether a document was opened, and well."""
        return path in self._decided

    def has_failed(self, path: str) -> bool:
        """Tell whether every attempt to open a document failed, where there was one."""
        return path in self._failed and path not in self._decided

    def lines_read(self, path: str) -> list[tuple[int, int]]:
        """Return the first and last line of each stretch that was read of a document."""
        return self._read.get(path, [])

    def best_edge(self, path: str) -> SeenEdge | None:
        """Return what came nearest to opening a document: an edge that waited, else the best.

        Args:
            path: The document; nobody has opened it.

        Returns:
            None if no edge to it was seen.
        """
        if self._edges is None:
            self._edges = {}
            for step, view, decision in self._steps:
                self._follow(step, view, decision)
        return max(self._edges.get(path, ()), key=_nearness, default=None)

    def _follow(self, step: PlannedStep, view: View, decision: Decision | None) -> None:
        """Find out what became of each edge that an agent was shown."""
        assert self._edges is not None
        proposed: dict[str, SeenEdge] = {}
        for item, follow in enumerate(decision.follow if decision is not None else ()):
            drop = self._drops.get((step.number, item))
            shown = view.edges[follow.edge : follow.edge + 1] if follow.edge >= 0 else ()
            label = shown[0].label if shown else ""
            priority = drop.priority if drop is not None else follow.priority
            fate: EdgeFate = drop.reason if drop is not None else "waiting"
            proposed[follow.target] = SeenEdge(view.path, label, priority, fate)
        for edge in view.edges:
            given_up = SeenEdge(view.path, edge.label, edge.score - 1, "not_proposed")
            seen = proposed.get(edge.target, given_up)
            self._edges.setdefault(edge.path, []).append(seen)


def _nearness(edge: SeenEdge) -> tuple[bool, bool, float]:
    """Order edges by how near they came; one that gave way to another says nothing of its own."""
    return edge.fate == "waiting", edge.fate not in ("queued", "better_way"), edge.priority
