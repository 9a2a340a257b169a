"""The agent that decided in a recorded run."""

from __future__ import annotations

from docsearch_cli.errors import RunDriftError
from docsearch_cli.explore.agents.table import AGENTS, Agent
from docsearch_cli.runs.trace import Trace


def agent_of(trace: Trace) -> Agent:
    """Return the agent of a run.

    Args:
        trace: The run.

    Returns:
        Its row in the table of agents.

    Raises:
        RunDriftError: If this version has no such agent.
    """
    if trace.agent not in AGENTS:
        raise RunDriftError(
            f"run {trace.run_id} was decided by the agent {trace.agent!r}, which this version of"
            " docsearch does not have",
            hint="look at it with the docsearch that recorded it",
        )
    return AGENTS[trace.agent]
