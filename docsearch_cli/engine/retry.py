"""What happens after an attempt at a step failed.

transient     again, up to the run's attempts, after an exponential wait with full jitter
timeout       once more, with twice the time
crash         once more, on a fresh worker; a second crash marks the step as poison
declined      never: its grant is used up, or the model has not answered for long
error         never: the same code on the same bytes fails again

When none of these is left, a fallback may stand in (never after an error): another function on the
same input, once. Its output is marked as degraded and never cached.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from docsearch_cli.engine.protocol import OutcomeStatus

# Longest wait before the first retry of a transient error; each later one may wait twice as long.
_BASE_WAIT_S = 0.2
_MOST_WAIT_S = 10.0
# Longest wait that a provider may ask for: a run has minutes, and nobody waits a day for a step.
_MOST_ASKED_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Retry:
    """How to run a step again."""

    wait_s: float
    timeout_factor: int = 1
    by_fallback: bool = False


def choose_retry(
    status: OutcomeStatus,
    *,
    made: int,
    alike: int,
    most: int,
    has_fallback: bool = False,
    asked_wait_s: float = 0.0,
) -> Retry | None:
    """Return how to run a step again, or None if it has failed.

    Source:
        Full jitter: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

    Args:
        status: How the last attempt ended, not well.
        made: Attempts so far at the step's own function.
        alike: Those of them that ended with this status.
        most: Most attempts of a step.
        has_fallback: Whether another function can stand in.
        asked_wait_s: How long a provider asked to wait before a transient error is tried again.

    Returns:
        When and how, if at all. The wait is random: it spreads load, and no result depends on it.
    """
    if status not in ("transient", "timeout", "crash", "declined"):
        return None
    if made < most and status == "transient":
        longest = min(_MOST_WAIT_S, _BASE_WAIT_S * 2 ** (alike - 1))
        jitter = random.uniform(0, longest)  # noqa: S311  no secret
        return Retry(jitter + min(max(0.0, asked_wait_s), _MOST_ASKED_WAIT_S))
    if made < most and alike == 1 and status != "declined":
        return Retry(0.0, timeout_factor=2 if status == "timeout" else 1)
    return Retry(0.0, by_fallback=True) if has_fallback else None
