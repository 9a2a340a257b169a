"""What a run used of each limit, and the digests by which runs are compared.

The same function makes the certificate when a run ends and when ``verify`` reads its record, so
the two can only differ if the record does.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from docsearch_cli.config import RunLimits
from docsearch_cli.engine.coordinator import DRAIN_S
from docsearch_cli.runs.events import CertificateFacts
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.steps import NOTHING, Amount, canonical_json

# A run reads the clock at least this often, so it may notice its deadline this much late.
_CLOCK_S = 1.0
LATE_S = DRAIN_S + _CLOCK_S
"""Seconds beyond its deadline that a run may last: to notice it, and for what runs then to end."""


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One limit, and what was used of it."""

    name: str
    used: float
    cap: float

    @property
    def holds(self) -> bool:
        """True if the limit was kept."""
        return self.used <= self.cap

    @property
    def grace(self) -> float:
        """What the cap has beyond the limit that was set, for the run to end in order."""
        return LATE_S if self.name == "deadline_s" else 0.0

    @property
    def asked(self) -> float:
        """The limit that was set."""
        return self.cap - self.grace


def certify(
    steps: Sequence[StepRow],
    tokens_read: Mapping[int, int],
    limits: RunLimits,
    *,
    frontier_peak: int,
    tokens_returned: int,
    explore_s: float,
    answering: Amount = NOTHING,
) -> list[CertificateLine]:
    """Return what a run used of each of its limits.

    Args:
        steps: The steps that opened a node, or were sent to.
        tokens_read: By dispatch number; none for a step that failed.
        limits: The limits in force; of a fork, the larger value of each before and after.
        frontier_peak: Most nodes that were found and not yet opened, at any moment.
        tokens_returned: Tokens of the evidence.
        explore_s: Seconds between the first step and the last commit.
        answering: What writing the answer asked of a model.

    Returns:
        A line for each limit.
    """
    planned = [row.planned for row in steps if row.planned is not None]
    children = Counter(step.parent for step in planned if step.parent is not None)
    attempts = [sum(attempt.function == row.function for attempt in row.attempts) for row in steps]
    used: dict[str, float] = {
        "max_agents": len(planned),
        "max_depth": max((step.depth for step in planned), default=0),
        "fan_out": max(children.values(), default=0),
        "seeds": sum(step.parent is None for step in planned),
        "frontier": frontier_peak,
        "attempts": max(attempts, default=0),
        "reading_tokens": max(tokens_read.values(), default=0),
        "max_tokens": sum(tokens_read.values()),
        "answer_tokens": tokens_returned,
    }
    lines = [CertificateLine(name, amount, getattr(limits, name)) for name, amount in used.items()]
    asked = sum((row.spent for row in steps), answering)
    if limits.max_requests:
        lines += [
            CertificateLine("max_requests", asked.requests, limits.max_requests),
            CertificateLine("model_tokens", asked.tokens, limits.max_tokens),
            CertificateLine("max_cost", asked.micro_usd, limits.max_cost),
        ]
    latest = limits.deadline_s + LATE_S
    return [*lines, CertificateLine("deadline_s", round(explore_s, 3), latest)]


def certificate_to_dict(lines: Sequence[CertificateLine]) -> list[CertificateFacts]:
    """Return a certificate as the record and the JSON result hold it."""
    return [{"name": line.name, "used": line.used, "cap": line.cap} for line in lines]


def dag_digest(steps: Sequence[StepRow]) -> str:
    """Return a hash of everything that a run did, except times and attempts.

    Args:
        steps: The steps that opened a node, by dispatch number.

    Returns:
        32 hexadecimal digits: the same for the same plan, inputs and outputs.
    """
    facts = [
        [
            asdict(row.planned) if row.planned is not None else None,
            row.function,
            row.input,
            row.output,
            row.status,
        ]
        for row in steps
    ]
    return hashlib.sha256(canonical_json(facts)).hexdigest()[:32]


def answer_digest(output: bytes, stop_reason: str, written: bytes = b"") -> str:
    """Return a hash of what a run handed back, and of why it ended.

    Args:
        output: What the fan-in gave.
        stop_reason: Why the run ended.
        written: The answer that a model wrote, if one did.

    Returns:
        32 hexadecimal digits.
    """
    parts = [stop_reason.encode(), output, *([written] if written else [])]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
