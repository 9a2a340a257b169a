"""What a recorded step was given and what it gave, read from its blobs."""

from __future__ import annotations

import json
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.step_output import gone_view
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, fixed_output


def read_view(store: RunStore, row: StepRow) -> View:
    """Return what a step's agent was shown."""
    try:
        facts = json.loads(store.blob(row.input))
        if not facts and row.planned is not None:
            return gone_view(row.planned.subject)
        return View.from_dict(facts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunCorruptError(f"the input of step {row.id} is not a view: {error}") from error


def read_decision(store: RunStore, row: StepRow) -> Decision | None:
    """Return what a step's agent decided; None if it did not get so far."""
    if row.output is None:
        return None
    try:
        return Decision.from_dict(json.loads(store.blob(row.output)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunCorruptError(f"the output of step {row.id} is not a decision: {error}") from error


def read_seeds(store: RunStore, trace: Trace) -> list[dict[str, Any]]:
    """Return what the search plan chose to begin with; nothing if it did not get so far."""
    output = fixed_output(store, trace, "plan")
    return list(json.loads(output)["seeds"]) if output is not None else []
