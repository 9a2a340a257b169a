"""Whether a step ended as its attempts say, and each of them is one that the rules ask for."""

from __future__ import annotations

from docsearch_cli.engine.retry import choose_retry
from docsearch_cli.engine.step_record import status_after
from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.step_row import AttemptRow, StepRow


def check_attempts(row: StepRow, most: int, fallback: str) -> None:
    """Check the attempts of a step that opened a node, and how it ended.

    Args:
        row: The step.
        most: Most attempts that it may have had.
        fallback: What may stand in for its function; empty for nothing.

    Raises:
        RunCorruptError: If they are not what an engine makes of a step.
    """
    if not row.has_ended:
        return
    if not (_fits(row, most, fallback) and _ends_so(row)):
        raise RunCorruptError(f"step {row.id} did not end as its attempts say")


def _fits(row: StepRow, most: int, fallback: str) -> bool:
    """Tell whether each attempt is the one that the rules ask for after those before it."""
    made: list[AttemptRow] = []
    function, is_open = row.function, row.origin == "ran"
    for number, attempt in enumerate(row.attempts, start=1):
        if attempt.number != number or attempt.elapsed_ms < 0 or (attempt.started_ms or 0) < 0:
            return False
        has_output = made[-1].status == "ok" if made else row.origin != "ran"
        if has_output and _is_rejection(attempt):  # it made no sense
            return number == len(row.attempts)
        if not is_open or attempt.function != function:
            return False
        made.append(attempt)
        is_open = False
        if attempt.status == "ok" or function == fallback:
            continue
        own = [item for item in made if item.function == row.function]
        retry = choose_retry(
            attempt.status,
            made=len(own),
            alike=sum(item.status == attempt.status for item in own),
            most=most,
            has_fallback=bool(fallback),
        )
        if retry is not None:
            is_open, function = True, fallback if retry.by_fallback else row.function
    return not (is_open and made)


def _is_rejection(attempt: AttemptRow) -> bool:
    return attempt.status == "error" and not attempt.function and attempt.elapsed_ms == 0


def _ends_so(row: StepRow) -> bool:
    """Tell whether status, error and time are those of the attempts."""
    last = row.attempts[-1] if row.attempts else None
    if abs(row.elapsed_ms - sum(attempt.elapsed_ms for attempt in row.attempts)) > 1e-6:
        return False
    if row.output is None:
        if last is None:  # nothing to run on: see the input
            return row.status == "failed" and bool(row.error)
        return last.status != "ok" and (row.status, row.error) == (
            status_after(last.status),
            last.error,
        )
    if row.error or (last is None) != (row.origin != "ran"):
        return False
    is_own = last is None or last.function == row.function
    return (last is None or last.status == "ok") and row.status == ("ok" if is_own else "degraded")
