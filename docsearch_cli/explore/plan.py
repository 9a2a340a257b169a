"""The plan of an exploration: which node is opened next, and when it is enough.

    events                          state                       instructions
    StepSucceeded(Opened)  ---->  frontier, visited,   ---->   Dispatch(step)
    StepFailed             ---->  ledger of agents     ---->   Drop(proposal, reason)
                                  and tokens, window   ---->   Finish(reason)

Pure: no process, clock, file or random number. Events come in the order of dispatch, so the same
answers give the same DAG however many workers there are. Dispatch *i* is chosen from the frontier
as it is after commit *i - window*: that keeps ``window`` steps in flight and costs nothing else.

An agent only proposes. Whether a proposal is a neighbour, was visited, is too deep, exceeds the
fan-out or does not fit the frontier is decided here, once, and each proposal that is not taken is
recorded with its reason.

Source:
    Best-first search in which a page inherits a share of its parent's priority: Hersovici et al.
    1998 (Shark-Search). Expanding a first ranking over a corpus graph under a budget: MacAvaney et
    al. 2022 (adaptive re-ranking); unlike there, seeds and neighbours share one frontier.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from docsearch_cli.explore.budget import Ledger
from docsearch_cli.explore.look import LOOK_WINDOW, Look
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.explore.view import Decision
from docsearch_cli.steps import (
    NOTHING,
    Amount,
    Dispatch,
    Drop,
    DropReason,
    Finish,
    Instruction,
    PlannedStep,
    PlanStopReason,
    StepFailed,
    StepSucceeded,
)

# How much of its parent's priority a node inherits. Measured on public question sets: .4 to .6 give
# about the same, .9 loses the search in the neighbourhood of the first page; with entity edges and
# the prior of a mention, .4 opens most of the gold.
PARENT_SHARE = 0.4
# An exploration ends after this many commits in a row without gain.
NO_GAIN_STEPS = 6
# A page that covers this share of the question by itself leaves nothing to look for.
ANSWERED_SHARE = 0.95
# A node whose priority is among so many best is a gain.
_GAIN_RANKS = 5
STEP_KIND = "traverse"


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What an exploration may cost; see ``run_limits.py`` for the defaults."""

    max_agents: int
    max_depth: int
    fan_out: int
    seeds: int
    frontier: int
    proposals: int
    window: int
    reading_tokens: int
    max_tokens: int
    look_agents: int = 0
    """Steps after which the search ends unless it is worth going on; 0 for none such."""
    asked: Amount = NOTHING
    """The most that all steps may ask of a model."""
    step_asked: Amount = NOTHING
    """The most that one step can ask, over all attempts; nothing for an agent that asks none."""
    request: Amount = NOTHING
    """What one request can come to: with less, a step is not sent."""
    model: str = ""
    """The language model that the agent may ask; empty for none."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node that an agent was shown an edge to."""

    edge: str
    """Label of the edge, as it is recorded: ``link``, ``mention``, ``mentioned_by`` backwards."""
    propagation: float
    """0 to 1: how far the edge raises its target towards its priority."""
    coupling: float
    """0 to 1: how far the two are ranked by what they cover together."""
    promise: float = 0.0
    """How far what the edge says of the question raises its target; see ``EdgeKind.promise``."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The outcome of opening a node."""

    decision: Decision
    neighbours: dict[str, Neighbour]
    """By node id: the only nodes that may be followed from here."""


@dataclass(frozen=True, slots=True)
class Support:
    """The best way to a node that was proposed, before or after it was opened."""

    priority: float
    edge: str
    propagation: float


@dataclass(slots=True)
class Entry:
    """A node that was found and not yet opened."""

    node: str
    priority: float
    depth: int
    parent: int | None
    item: int
    edge: str
    propagation: float = 1.0


@dataclass(slots=True)
class ExplorePlan:
    """Best-first exploration under a budget; one object a run."""

    seeds: Sequence[Seed]
    limits: PlanLimits
    changes: Mapping[int, PlanLimits] = field(default_factory=dict)
    """Limits that hold from the commit of a step on: a fork asks what if."""
    frontier_peak: int = 0
    _ledger: Ledger = field(default_factory=Ledger)
    _frontier: dict[str, Entry] = field(default_factory=dict)
    _heap: list[tuple[float, int, str]] = field(default_factory=list)
    _visited: set[str] = field(default_factory=set)
    _steps: dict[int, PlannedStep] = field(default_factory=dict)
    _support: dict[str, Support] = field(default_factory=dict)
    _joins: dict[str, dict[int, float]] = field(default_factory=dict)
    _promises: dict[str, dict[int, Neighbour]] = field(default_factory=dict)
    _look: Look = field(default_factory=Look)
    _committed: int = 0
    _terms: set[str] = field(default_factory=set)
    _best_priorities: list[float] = field(default_factory=list)
    _without_gain: int = 0
    _depth_cut: bool = False
    _stopping: PlanStopReason | None = None
    _finished: bool = False

    @property
    def asked(self) -> Amount:
        """What was asked of a model, and what steps in flight may ask."""
        return self._ledger.asked

    @property
    def agents_used(self) -> int:
        """Steps dispatched so far: an agent is spent when it is sent, however its step ends."""
        return self._ledger.agents

    def waiting(self) -> list[Entry]:
        """Return what was found and not opened, the best first."""
        return sorted(
            self._frontier.values(), key=lambda entry: (-entry.priority, entry.depth, entry.node)
        )

    def support(self, node: str) -> Support:
        """Return the best proposal of a node that was opened.

        A page may be opened as a seed and only later be named by a better one: its score must not
        depend on which came first.
        """
        return self._support[node]

    def joins(self, node: str) -> list[tuple[int, float]]:
        """Return the steps whose pages a node is coupled with, and how far."""
        return sorted(self._joins.get(node, {}).items())

    def promises(self, node: str) -> list[tuple[int, Neighbour]]:
        """Return the steps whose pages promise something of a node, and what leads from there."""
        return sorted(self._promises.get(node, {}).items(), key=lambda item: item[0])

    def start(self) -> list[Instruction]:
        """Put the seeds on the frontier and send the first agents."""
        instructions: list[Instruction] = []
        for item, seed in enumerate(self.seeds):
            entry = Entry(seed.node, seed.priority, 0, None, item, seed.source)
            reason = "seeds" if item >= self.limits.seeds else self._offer(entry)
            if reason is not None:
                instructions.append(_drop(entry, reason))
            elif (evicted := self._evict()) is not None:
                instructions.append(_drop(evicted, "frontier_full"))
        return instructions + self._advance()

    def handle(self, event: StepSucceeded[Opened] | StepFailed) -> list[Instruction]:
        """Commit one event and return what to do next.

        Args:
            event: The end of the next step, in the order of dispatch.

        Returns:
            Dropped proposals, new steps and, once in a run, the end.

        Raises:
            ValueError: If a step is committed out of order, or cost more than was reserved.
        """
        if event.number != self._committed + 1 or event.number not in self._steps:
            raise ValueError(
                f"step {event.number} was committed after step {self._committed} of "
                f"{len(self._steps)}"
            )
        self._committed = event.number
        self.limits = self.changes.get(event.number, self.limits)
        read = event.value.decision.tokens_read if isinstance(event, StepSucceeded) else 0
        self._ledger.settle(event.number, read, event.spent)
        dropped: list[Instruction] = []
        if isinstance(event, StepSucceeded):
            step = self._steps[event.number]
            self._note_gain(step, event.value.decision)
            decision = event.value.decision
            if decision.kind == "answer" and decision.relevance >= ANSWERED_SHARE:
                self._stopping = self._stopping or "answered"
            self._look.note(step, event.value.decision)
            dropped = self._take_proposals(step, event.value)
        waiting = [entry.priority for entry in self._frontier.values()]
        if event.number == self.limits.look_agents and not self._look.goes_on(waiting):
            self._stopping = self._stopping or ("look" if waiting else None)
        return dropped + self._advance()

    def _note_gain(self, step: PlannedStep, decision: Decision) -> None:
        """Stop after too many commits without a new term and without a priority near the top."""
        terms = {term for item in decision.evidence for term in item.terms}
        best = self._best_priorities
        is_gain = not terms <= self._terms or len(best) < _GAIN_RANKS or step.priority > min(best)
        self._terms |= terms
        self._best_priorities = sorted([*best, step.priority], reverse=True)[:_GAIN_RANKS]
        self._without_gain = 0 if is_gain else self._without_gain + 1
        if self._without_gain >= NO_GAIN_STEPS:
            self._stopping = self._stopping or "no_gain"

    def _take_proposals(self, step: PlannedStep, opened: Opened) -> list[Instruction]:
        dropped: list[Instruction] = []
        taken = 0
        for item, follow in enumerate(opened.decision.follow):
            neighbour = opened.neighbours.get(follow.target)
            priority = round(PARENT_SHARE * step.priority + follow.priority, 6)
            entry = Entry(follow.target, priority, step.depth + 1, step.number, item, "")
            if neighbour is not None and item < self.limits.proposals:
                self._note_neighbour(step, follow.target, neighbour)
            if item >= self.limits.proposals:
                reason: DropReason | None = "proposals"
            elif neighbour is None:
                reason = "not_a_neighbour"
            elif follow.target in self._visited:
                reason = "visited"
                self._add_support(follow.target, priority, neighbour.edge, neighbour.propagation)
            elif entry.depth > self.limits.max_depth:
                reason, self._depth_cut = "depth", True
            elif taken >= self.limits.fan_out:
                reason = "fan_out"
            else:
                entry.edge, entry.propagation = neighbour.edge, neighbour.propagation
                before = self._frontier.get(entry.node)
                reason = self._offer(entry)
                taken += reason is None
                if before is not None and reason is None:
                    dropped.append(_drop(before, "better_way"))
            if reason is not None:
                dropped.append(_drop(entry, reason))
            elif (evicted := self._evict()) is not None:
                dropped.append(_drop(evicted, "frontier_full"))
        return dropped

    def _note_neighbour(self, step: PlannedStep, node: str, neighbour: Neighbour) -> None:
        """Keep what the edge to a node says of it, whether it is opened by it or not."""
        if neighbour.coupling > 0:
            self._joins.setdefault(node, {})[step.number] = neighbour.coupling
        if neighbour.promise > 0:
            self._promises.setdefault(node, {})[step.number] = neighbour

    def _add_support(self, node: str, priority: float, edge: str, propagation: float) -> None:
        known = self._support.get(node)
        support = Support(priority, edge, propagation)
        if known is None or _strength(known) < _strength(support):
            self._support[node] = support

    def _offer(self, entry: Entry) -> DropReason | None:
        """Put a node on the frontier; return why not, if not."""
        self._add_support(entry.node, entry.priority, entry.edge, entry.propagation)
        known = self._frontier.get(entry.node)
        if known is not None and (known.priority, -known.depth) >= (entry.priority, -entry.depth):
            return "queued"
        self._frontier[entry.node] = entry
        heapq.heappush(self._heap, (-entry.priority, entry.depth, entry.node))
        return None

    def _evict(self) -> Entry | None:
        """Take the worst node off a frontier that is over its limit."""
        if len(self._frontier) <= self.limits.frontier:
            self.frontier_peak = max(self.frontier_peak, len(self._frontier))
            return None
        worst = max(
            self._frontier.values(), key=lambda entry: (-entry.priority, entry.depth, entry.node)
        )
        return self._frontier.pop(worst.node)

    def _advance(self) -> list[Instruction]:
        """Send agents while the window, the budget and the frontier allow; else finish."""
        sent: list[Instruction] = []
        while (grant := self._next_grant()) is not None:
            entry = self._best()
            if entry is None:
                break
            sent.append(Dispatch(self._plan_step(entry, grant), grant))
        if self._committed == len(self._steps) and not sent and not self._finished:
            self._finished = True
            return [Finish(self._stop_reason())]
        return sent

    def _next_grant(self) -> Amount | None:
        """Return what the next step may ask of a model; None if no step may be sent."""
        in_flight = len(self._steps) - self._committed
        window, agents = self.limits.window, self.limits.max_agents
        if self._committed < self.limits.look_agents:
            window, agents = min(window, LOOK_WINDOW), min(agents, self.limits.look_agents)
        if (
            self._stopping is not None
            or in_flight >= window
            or not self._ledger.allows(
                self.limits.reading_tokens,
                max_agents=agents,
                max_tokens=self.limits.max_tokens,
            )
        ):
            return None
        return self._ledger.grant(
            self.limits.request,
            self.limits.step_asked,
            self.limits.asked,
            min(window - in_flight, agents - self._ledger.agents),
        )

    def _best(self) -> Entry | None:
        """Take the best node off the frontier: by priority, then depth, then id."""
        while self._heap:
            priority, depth, node = heapq.heappop(self._heap)
            entry = self._frontier.get(node)
            if entry is not None and (-entry.priority, entry.depth) == (priority, depth):
                del self._frontier[node]
                return entry
        return None

    def _plan_step(self, entry: Entry, grant: Amount) -> PlannedStep:
        step = PlannedStep(
            number=len(self._steps) + 1,
            kind=STEP_KIND,
            subject=entry.node,
            depth=entry.depth,
            priority=entry.priority,
            parent=entry.parent,
            item=entry.item,
            edge=entry.edge,
        )
        self._steps[step.number] = step
        self._ledger.reserve(step.number, self.limits.reading_tokens, grant)
        self._visited.add(entry.node)
        return step

    def _stop_reason(self) -> PlanStopReason:
        if self._stopping is not None:
            return self._stopping
        if self._frontier:
            return "budget"
        return "depth" if self._depth_cut else "frontier_empty"


def _strength(support: Support) -> tuple[float, float]:
    """Order the ways to a node: by how far they raise it, then by priority."""
    return support.propagation * support.priority, support.priority


def _drop(entry: Entry, reason: DropReason) -> Drop:
    return Drop(entry.parent, entry.item, entry.node, reason, entry.priority)
