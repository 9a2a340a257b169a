"""What happens after a try of a step failed.

transient     up to the run's attempts, exponential wait with full jitter
timeout       once more with twice the time
crash         once more on a fresh worker; a second crash marks the step as poison
error         never: the same code on the same bytes fails again
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from docsearch_cli.engine.protocol import StepOutcome

# First wait of a transient error's retry, and the longest.
_BASE_WAIT_S = 0.2
_MOST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again."""

    wait_s: float
    timeout_factor: int = 1


def next_try(
    outcome: StepOutcome, attempt: int, attempts: int, *, alike: int | None = None
) -> Retry | None:
    """Return how to try again, or None if the step has failed.

    Args:
        outcome: How the last try ended, not well.
        attempt: Number of that try, from 1.
        attempts: Most tries of a step.
        alike: Tries that ended in the same way, this one included; ``attempt`` by default.

    Returns:
        When and how, if at all. The wait is random: it spreads load, and no result depends on it.
    """
    alike = attempt if alike is None else alike
    if attempt >= attempts:
        return None
    if outcome.status == "transient":
        most = min(_MOST_WAIT_S, _BASE_WAIT_S * 2 ** (alike - 1))
        return Retry(random.uniform(0, most))  # noqa: S311  jitter, not a secret
    if outcome.status == "timeout" and alike == 1:
        return Retry(0.0, timeout_factor=2)
    if outcome.status == "crash" and alike == 1:
        return Retry(0.0)
    return None
