"""The agents: one row each.

An agent is a function from a view to a decision, and what it declares of itself: which parts of a
view decide its output (results are cached by those alone), whether the same view always gives the
same decision, whether it waits on a network, what a step of it may spend, and who stands in for it.

An agent that asks a language model is an async function from a view and an ``Asker`` to a decision.
It decides from the view and the replies alone, so a record that has both can be decided again. How
its requests are sent, paid for and written down is not its affair.

The engine, the cache, the record and its verification go by the row; none of them knows a name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docsearch_cli.errors import UsageError
from docsearch_cli.explore.agents.edges_only import decide_by_edges
from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from docsearch_cli.llm.exchange import Asker

# What an agent that reads a view looks at; the rest of a view is for people and for the record. The
# document's hash stands for it as a whole: an edit anywhere in it is looked at again.
_VIEW_FIELDS = (
    "question", "tokens", "idf", "known_share", "language", "markup", "content_hash", "covered",
)  # fmt: skip
_SECTION_FIELDS = ("section", "heading", "line_start", "text", "above")
_EDGE_FIELDS = ("target", "kind", "direction", "weight", "score", "terms", "said")
# What a language model is shown beside that.
_SHOWN_FIELDS = ("model", "path", "title")
_SHOWN_EDGE_FIELDS = (*_EDGE_FIELDS, "path", "title", "text")


def deciding_parts(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a view that the agents here look at.

    Args:
        view: As ``View.to_dict`` gives it.

    Returns:
        The parts by name, as plain data.
    """
    also = {"also": view["also"]} if "also" in view else {}  # there only where it matters
    return {
        **{name: view[name] for name in _VIEW_FIELDS},
        **{name: view[name] for name in ("stems",) if name in view},  # only of several languages
        "sought": view.get("sought", []),  # older records have none, nor an "above"
        **also,
        "sections": [
            [section.get(name, []) for name in _SECTION_FIELDS] for section in view["sections"]
        ],
        "edges": [[edge[name] for name in _EDGE_FIELDS] for edge in view["edges"]],
    }


def shown_parts(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a view that a language model is shown: titles and paths as well."""
    edges = [[edge[name] for name in _SHOWN_EDGE_FIELDS] for edge in view["edges"]]
    return {**deciding_parts(view), **{name: view[name] for name in _SHOWN_FIELDS}, "edges": edges}


@dataclass(frozen=True, slots=True)
class Spending:
    """The most that one attempt of a step may ask of a model."""

    requests: int = 0
    input_tokens: int = 0
    """Of one request, whatever the view: instructions, the question, a schema."""
    input_tokens_per_token_read: int = 0
    """For each token of text that the view may have."""
    input_tokens_per_edge: int = 0
    """For each edge that the view may have."""
    output_tokens: int = 0
    """Of one reply."""

    def most_input_tokens(self, reading_tokens: int, edges: int) -> int:
        """Return the most tokens of one request.

        Args:
            reading_tokens: Most tokens of text that a view has.
            edges: Most edges.

        Returns:
            The bound. A request that exceeds it is paid for out of what was kept for later ones.
        """
        return (
            self.input_tokens
            + self.input_tokens_per_token_read * reading_tokens
            + self.input_tokens_per_edge * edges
        )


NO_SPENDING = Spending()


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, and what it declares of itself."""

    name: str
    """What a person calls it: ``--agent NAME``."""
    function: str
    """Registered name and version of its step: raise the version when the meaning of a view or a
    decision changes."""
    decide: Callable[[View], Decision] | None
    """None for an agent that asks a model."""
    meaning: str
    """One line for a person."""
    fallback: str = ""
    """Name of the agent that stands in when this one keeps crashing, hanging or being refused;
    empty for none."""
    looks_at: Callable[[Mapping[str, Any]], dict[str, Any]] = deciding_parts
    """Returns the parts of a view that decide the output."""
    is_deterministic: bool = True
    """Whether the same view always gives the same decision."""
    waits_on_network: bool = False
    """Whether it asks a network by itself, in a way that no record holds."""
    ask: Callable[[View, Asker], Awaitable[Decision]] | None = None
    """Decides by asking a language model; None for an agent that asks none."""
    may_spend: Spending = NO_SPENDING
    """The most that an attempt may ask of a model."""

    @property
    def asks_model(self) -> bool:
        """Whether it asks a language model: its steps wait, and need no core meanwhile."""
        return self.ask is not None

    @property
    def may_be_repeated(self) -> bool:
        """Whether its recorded steps may be run again to check them: nothing is asked or paid.

        What a model replied is in the record, and is what a step is run on again.
        """
        return self.is_deterministic and not self.waits_on_network


async def _ask_model(view: View, asker: Asker) -> Decision:
    """Return a language model's decision; who asks none does not load its module."""
    from docsearch_cli.explore.agents.llm import decide_by_model

    return await decide_by_model(view, asker)


AGENTS: dict[str, Agent] = {
    agent.name: agent
    for agent in (
        Agent(
            "local",
            "explore.local@6",
            decide,
            "reads a page's best sections and follows the edges that promise what is missing",
            fallback="edges",
        ),
        Agent(
            "edges",
            "explore.edges@4",
            decide_by_edges,
            "reads no text and goes by the edges alone",
        ),
        Agent(
            "llm",
            "explore.llm@2",
            None,
            "asks a language model which sentences answer and which pages to open",
            fallback="local",
            looks_at=shown_parts,
            ask=_ask_model,
            may_spend=Spending(
                requests=4,
                input_tokens=7_000,
                input_tokens_per_token_read=6,
                output_tokens=500,
            ),
        ),
    )
}


def find_agent(name: str) -> Agent:
    """Return the agent of this name.

    Args:
        name: As a person gives it, or a record has it.

    Returns:
        Its row.

    Raises:
        UsageError: If there is none.
    """
    if name not in AGENTS:
        raise UsageError(f"there is no agent {brief(name)}", hint=f"one of {', '.join(AGENTS)}")
    return AGENTS[name]


def fallback_function(agent: Agent) -> str:
    """Return the registered name of what stands in for an agent; empty for nothing."""
    return AGENTS[agent.fallback].function if agent.fallback else ""
