"""A step that opens one node: what its agent is shown, what decides its output, what it decided.

A search, a dry run, the cache's explanation and a run's verification all go through this, so they
cannot disagree about what a step is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from docsearch_cli.explore.agents.table import Agent
from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.plan import Opened
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.step_functions import declared_parts
from docsearch_cli.explore.step_output import read_opened
from docsearch_cli.explore.view import View
from docsearch_cli.steps import canonical_json


class ViewLimits(Protocol):
    """The limits that decide how much of a node an agent is shown."""

    @property
    def reading_tokens(self) -> int:
        """Most tokens of text."""

    @property
    def proposals(self) -> int:
        """Most edges."""


@dataclass(frozen=True, slots=True)
class NodeStep:
    """A step of one agent at one node."""

    agent: Agent
    view: View
    data: dict[str, Any]
    """The view as plain data."""
    payload: bytes
    """The view as the agent's function gets it, and as it is recorded."""
    reading_tokens: int
    """Most tokens that it may read."""

    @classmethod
    def build(
        cls,
        agent: Agent,
        scored: ScoredQuestion,
        node: int,
        *,
        covered: Sequence[str],
        taught: Sequence[str],
        limits: ViewLimits,
        model: str = "",
    ) -> NodeStep:
        """Return the step that opens a node of the index.

        Args:
            agent: Who decides.
            scored: The question against the corpus.
            node: The node's row.
            covered: The question's terms found on the way to it.
            taught: Tokens that the page which led here teaches.
            limits: In force when the step is sent.
            model: The language model that the agent may ask then; empty for none.

        Returns:
            The step.
        """
        view = build_view(
            scored,
            node,
            covered=covered,
            taught=taught,
            reading_tokens=limits.reading_tokens,
            most_edges=limits.proposals,
        )
        if model:
            view = replace(view, model=model)
        data = view.to_dict()
        return cls(agent, view, data, canonical_json(data), limits.reading_tokens)

    @classmethod
    def recorded(cls, agent: Agent, payload: bytes, reading_tokens: int) -> NodeStep:
        """Return the step that a record holds.

        Args:
            agent: Who decided.
            payload: Its recorded input.
            reading_tokens: Most tokens that it might read.

        Returns:
            The step.

        Raises:
            ValueError: If the input is no view; also KeyError and TypeError.
        """
        data = json.loads(payload)
        return cls(agent, View.from_dict(data), data, payload, reading_tokens)

    def key_parts(self) -> dict[str, bytes]:
        """Return the parts of its input that decide its output, by name."""
        return declared_parts(self.agent.function, self.data)

    def read(self, output: bytes) -> Opened:
        """Return what came of it.

        Args:
            output: What the agent's function gave.

        Returns:
            The decision, and the only nodes that may be followed.

        Raises:
            ValueError: If the output is no decision, or the agent claims to have read more than it
                might; also KeyError and TypeError.
        """
        return read_opened(self.view, output, self.reading_tokens)
