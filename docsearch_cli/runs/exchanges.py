"""Whether a step's requests to a model are what its rules ask for, and cost what they say."""

from __future__ import annotations

import json

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.llm.accounting import Price, charge, read_reply, read_request, reserve
from docsearch_cli.runs.limits import model_at_dispatch, schedule_of
from docsearch_cli.runs.step_row import ExchangeRow, StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import NOTHING, Amount


def check_exchanges(store: RunStore, trace: Trace, row: StepRow) -> None:
    """Check what a step asked of a model.

    Args:
        store: The run's record.
        trace: What it holds.
        row: The step.

    Raises:
        RunCorruptError: If a request is of another model, costs something else than its reply says,
            or is not one of an attempt; or if an attempt lacks one that it must have made.
    """
    if not row.exchanges and row.grant == NOTHING:
        return
    if row.number is not None:
        model, grant = model_at_dispatch(trace, row.number), row.grant
        _check_attempts(row)
    else:
        model, grant = schedule_of(trace).models[-1][1], _left_for_answer(trace, row)
    before = NOTHING
    for item in row.exchanges:
        _check(store, row, item, model.name, model.counted)
        if not (before + item.reserved).fits(grant):
            raise RunCorruptError(f"step {row.id} asked more than it might")
        before = before + item.charged


def _left_for_answer(trace: Trace, row: StepRow) -> Amount:
    """Return what writing the answer might ask: what was left when it was begun."""
    begun = min(item.number for item in row.exchanges)
    rows = (*trace.steps, *trace.fixed)
    asked = [item for other in rows for item in other.exchanges if item.number < begun]
    last = schedule_of(trace).stages[-1][0]
    return schedule_of(trace).whole_after(last) - sum((item.charged for item in asked), NOTHING)


def _check(store: RunStore, row: StepRow, item: ExchangeRow, model: str, price: Price) -> None:
    request = read_request(json.loads(store.blob(item.input)))
    reserved = reserve(request, price) if item.origin != "resume" else NOTHING
    charged = reserved
    if item.output is not None and item.origin != "resume":
        charged = charge(request, read_reply(json.loads(store.blob(item.output))), price)
    elif item.error and item.charged == Amount(requests=1):
        charged = item.charged  # the provider said that it did not even begin
    if (request.model, item.reserved, item.charged) != (model, reserved, charged):
        raise RunCorruptError(f"request {item.number}, of step {row.id}, costs something else")
    if item.origin == "resume" and not any(
        other.is_before and (other.input, other.output) == (item.input, item.output)
        for other in row.exchanges
    ):
        raise RunCorruptError(f"request {item.number}, of step {row.id}, was not answered before")


def _check_attempts(row: StepRow) -> None:
    """Check that each attempt asked what its end says."""
    asked = [item for item in row.exchanges if not item.is_before]
    own = {item.number: item.status for item in row.attempts if item.function == row.function}
    if row.has_ended and row.origin == "ran" and {item.attempt for item in asked} - own.keys():
        raise RunCorruptError(f"step {row.id} asked in an attempt that it did not make")
    for number, status in own.items():
        last = next((item for item in reversed(asked) if item.attempt == number), None)
        came_to_nothing = last is not None and last.output is None
        if (status == "timeout" and not came_to_nothing) or (
            status == "transient" and last is None
        ):
            raise RunCorruptError(f"step {row.id} lacks a request of its attempt {number}")
