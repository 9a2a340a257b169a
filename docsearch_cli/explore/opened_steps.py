"""The steps that a deep search has sent: what each was about, and what has come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from docsearch_cli.explore.findings import Hop
from docsearch_cli.explore.learning import taught_tokens
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.step_output import gone_view
from docsearch_cli.explore.step_summary import Way, ways_on
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.steps import PlannedStep


@dataclass(slots=True)
class OpenedStep:
    """A step that was sent, and what is known of it so far."""

    planned: PlannedStep
    view: View
    """What its agent is shown; without sections and edges once the step is committed."""
    node_step: NodeStep | None
    """None where there was nothing to show, and once the step is committed."""
    id: str = ""
    """Its id in the record, once it is committed."""
    decision: Decision | None = None
    """None until it has ended well; without proposals once it is committed."""
    ways: tuple[Way, ...] = ()
    """For each of its proposals, what the edge says."""

    def take(self, decision: Decision) -> None:
        """Note what the agent decided."""
        self.decision = decision
        self.ways = ways_on(self.view, decision)

    def release(self) -> None:
        """Let go of what is large: it is in the record, and the fan-in needs little of it."""
        self.node_step = None
        self.view = replace(self.view, sections=(), edges=())
        if self.decision is not None:
            self.decision = replace(self.decision, follow=())


class OpenedSteps:
    """All steps that a search has sent, by dispatch number."""

    def __init__(self) -> None:
        self._by_number: dict[int, OpenedStep] = {}

    def __getitem__(self, number: int) -> OpenedStep:
        return self._by_number[number]

    def __len__(self) -> int:
        return len(self._by_number)

    def add(self, planned: PlannedStep, node_step: NodeStep | None) -> OpenedStep:
        """Note that a step is sent.

        Args:
            planned: As the plan asks for it.
            node_step: What it does; None if its node is gone.

        Returns:
            The step.
        """
        view = node_step.view if node_step is not None else gone_view(planned.subject)
        opened = OpenedStep(planned, view, node_step)
        self._by_number[planned.number] = opened
        return opened

    def decided(self) -> Iterator[tuple[OpenedStep, Decision]]:
        """Yield the steps that ended well with their decisions, in the order of dispatch."""
        for number in sorted(self._by_number):
            opened = self._by_number[number]
            if opened.decision is not None:
                yield opened, opened.decision

    def covered_before(self, planned: PlannedStep) -> tuple[str, ...]:
        """Return the question's terms found on the way to a step."""
        parent = self._by_number[planned.parent] if planned.parent is not None else None
        return parent.decision.covered if parent is not None and parent.decision is not None else ()

    def taught_before(self, planned: PlannedStep) -> tuple[str, ...]:
        """Return the tokens that the page teaches which led to a step; none for a seed."""
        parent = self._by_number[planned.parent] if planned.parent is not None else None
        if parent is None or parent.decision is None:
            return ()
        return taught_tokens(parent.decision, parent.view.language)

    def parent_id(self, planned: PlannedStep) -> str | None:
        """Return the id of the step whose proposal led to a step; None for a seed."""
        return self._by_number[planned.parent].id if planned.parent is not None else None

    def way_to(self, planned: PlannedStep) -> Way:
        """Return what the edge says that led to a step; nothing for a seed."""
        if planned.parent is None or planned.item is None:
            return Way()
        return self._by_number[planned.parent].ways[planned.item]

    def hops_to(self, planned: PlannedStep) -> tuple[Hop, ...]:
        """Return the way to a step, from its seed on."""
        hops: list[Hop] = []
        while planned.parent is not None:
            parent = self._by_number[planned.parent].planned
            hops.append(Hop(parent.subject, planned.edge, self.way_to(planned).line))
            planned = parent
        return tuple(reversed(hops))
