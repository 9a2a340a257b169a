"""What no check of a record can tell, and why: it is taken on trust, and said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.trace import Trace


@dataclass(frozen=True, slots=True)
class Trusted:
    """Something that is taken on trust."""

    what: str
    why: str


def taken_on_trust(trace: Trace, without_index: str) -> Iterator[Trusted]:
    """Yield what of a run is taken on trust.

    Args:
        trace: The run, which is right in all else.
        without_index: Why its index could not be asked; empty if it was.

    Yields:
        Each thing, and why it cannot be checked.
    """
    yield Trusted(
        "times, processes, the command, what steps wrote, whether results were cached",
        "no decision depends on them",
    )
    yield Trusted(
        "which limits were asked for",
        "other limits that lead to the same decisions leave the same record",
    )
    if trace.facts.get("filter") is not None:
        yield Trusted(
            "the words of the filter",
            "others that leave as many pages, and the same search, give the same record",
        )
    if without_index:
        yield Trusted("what the documents and their index hold", without_index)
    if trace.facts["fork"] is not None:
        yield Trusted(
            f"that run {trace.facts['fork']['run']} is what it forks", "it is another record"
        )
    if failed := sum(row.has_ended and row.output is None for row in trace.steps):
        steps = "step" if failed == 1 else "steps"
        yield Trusted(f"that {failed} {steps} failed", "no failure can be made to happen again")
    if trace.requests:
        yield Trusted(
            "what the model replied, what that cost, and whether a last request was made",
            "only its provider knows",
        )
    agent = agent_of(trace)
    if not agent.may_be_repeated and trace.steps:
        why = "it may decide otherwise each time, or asks a network"
        yield Trusted(f"what the agent {agent.name} decided", why)
    if trace.status == "running":
        yield Trusted("that nothing came after", "a record that is cut looks like a killed run")
    elif trace.status == "partial":
        reason = trace.ending["stop_reason"]
        yield Trusted(
            f"that the run was stopped ({reason})", "no rule says when a person or clock does"
        )
