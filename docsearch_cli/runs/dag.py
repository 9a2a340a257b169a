"""The DAG of a run as a networkx graph, from its record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docsearch_cli.runs.replay import read_decision, read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace

if TYPE_CHECKING:
    import networkx


def build_dag(store: RunStore, trace: Trace) -> networkx.DiGraph:
    """Return the DAG that emerged.

    Args:
        store: The run's record.
        trace: What it holds.

    Returns:
        A node for each step, by id, and one ``plan``; an edge from a step to each that it led to.
        An edge's ``item`` is the place of the proposal in the parent's output, and ``taken`` is
        false where the target was opened by another way.
    """
    import networkx

    graph = networkx.DiGraph(run_id=trace.run_id)
    graph.add_node("plan", kind="plan", subject="", number=0)
    for row in trace.steps:
        decision = read_decision(store, row)
        assert row.planned is not None  # the trace keeps the others apart
        graph.add_node(
            row.id,
            kind=row.kind,
            subject=row.planned.subject,
            path=read_view(store, row).path,
            number=row.planned.number,
            depth=row.planned.depth,
            priority=row.planned.priority,
            status=row.status,
            decision=decision.kind if decision is not None else "failed",
        )
    for row in trace.steps:
        for drop in row.proposed_by:
            source = trace.step(drop.parent).id if drop.parent is not None else "plan"
            if source != row.id:
                graph.add_edge(source, row.id, item=drop.item, edge=drop.reason, taken=False)
        assert row.planned is not None
        parent = row.planned.parent
        source = trace.step(parent).id if parent is not None else "plan"
        graph.add_edge(source, row.id, item=row.planned.item, edge=row.planned.edge, taken=True)
    return graph
