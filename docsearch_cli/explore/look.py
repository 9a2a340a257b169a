"""A look: the first few steps of a search that a question does not plainly need, and their verdict.

Two steps at a time, so that what the first pages lead to competes for the next. After its last
step the search goes on only if it has come to nothing so far and something strong still waits:

- Where a page that an edge led to holds words of the question that no page of the ranking held, the
  look has found what was missing. Going on from there gained as often as it lost.
- Where nothing that waits promises nearly as much as the best hit, there is nothing to go on to.

Measured on 253 such questions of ten kinds of documents; see ``docs/decisions/0039-*``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from docsearch_cli.explore.view import Decision
from docsearch_cli.steps import PlannedStep

# Steps of a look that are in flight at once.
LOOK_WINDOW = 2
# Priority from which on a page that waits is worth going on for; the corpus's best hit has 1.
# From .7 to .8 the same questions gain, from .9 on fewer do.
_PROMISING = 0.8


@dataclass(slots=True)
class Look:
    """What the pages of a look hold of the question, by how they were found."""

    _of_hits: set[str] = field(default_factory=set)
    _by_edges: set[str] = field(default_factory=set)

    def note(self, step: PlannedStep, decision: Decision) -> None:
        """Take note of a page that was opened.

        Args:
            step: The step that opened it.
            decision: What its agent found.
        """
        terms = self._of_hits if step.parent is None else self._by_edges
        terms.update(term for item in decision.evidence for term in item.terms)

    def goes_on(self, waiting: Iterable[float]) -> bool:
        """Tell whether the search goes on after the look.

        Args:
            waiting: Priorities of the nodes that were found and not opened.

        Returns:
            True if edges have found nothing new yet, and something promising waits.
        """
        return self._by_edges <= self._of_hits and max(waiting, default=0.0) >= _PROMISING
