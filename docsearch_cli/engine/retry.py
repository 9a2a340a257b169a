"""What happens after a try of a step failed.

transient     up to the run's attempts, exponential wait with full jitter
timeout       once more with twice the time
crash         once more on a fresh worker; a second crash marks the step as poison
error         never: the same code on the same bytes fails again

What is left to try after that, but not after an error, is a fallback: another function on the same
input, once. What it gives is marked as degraded, and never cached.
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
    by_fallback: bool = False


def next_try(
    outcome: StepOutcome,
    attempt: int,
    attempts: int,
    *,
    alike: int | None = None,
    has_fallback: bool = False,
) -> Retry | None:
    """Return how to try again, or None if the step has failed.

    Args:
        outcome: How the last try ended, not well.
        attempt: Number of that try, from 1.
        attempts: Most tries of a step.
        alike: Tries that ended in the same way, this one included; ``attempt`` by default.
        has_fallback: Whether another function can stand in.

    Returns:
        When and how, if at all. The wait is random: it spreads load, and no result depends on it.
    """
    alike = attempt if alike is None else alike
    if outcome.status not in ("transient", "timeout", "crash"):
        return None
    if attempt < attempts and outcome.status == "transient":
        most = min(_MOST_WAIT_S, _BASE_WAIT_S * 2 ** (alike - 1))
        return Retry(random.uniform(0, most))  # noqa: S311  jitter, not a secret
    if attempt < attempts and alike == 1:
        return Retry(0.0, timeout_factor=2 if outcome.status == "timeout" else 1)
    return Retry(0.0, by_fallback=True) if has_fallback else None
