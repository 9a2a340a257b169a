"""What a person should know of a deep search's result, in words."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.explore.findings import Findings, RankedPath
from docsearch_cli.explore.plan import PlanLimits
from docsearch_cli.run_limits import dollars
from docsearch_cli.search.agent_work import AgentWork
from docsearch_cli.steps import StopReason

# The keyword ranking that a deep one is compared with.
_COMPARED_DOCUMENTS = 5


def deep_notes(
    work: AgentWork,
    findings: Findings,
    stop_reason: StopReason,
    ranking: Sequence[RankedPath],
    limits: PlanLimits,
) -> list[str]:
    """Return the notes of a deep search.

    Args:
        work: Its steps.
        findings: What it found.
        stop_reason: Why it ended.
        ranking: Of the keyword search.
        limits: In force at its end.

    Returns:
        A line each.
    """
    notes = list(_step_notes(work))
    if not len(work.steps) and stop_reason == "budget" and not limits.request.fits(limits.asked):
        notes.append(_nothing_fits(limits))
    keyword_paths = {item.path for item in ranking[:_COMPARED_DOCUMENTS]}
    found = {item.path for item in findings.documents[:_COMPARED_DOCUMENTS]}
    found.update(item.path for item in findings.evidence)
    is_complete = stop_reason not in ("cancelled", "deadline", "failures")
    has_decided = any(work.steps.decided())
    if has_decided and is_complete and found <= keyword_paths:
        who = "look" if stop_reason == "look" else "deep search"
        notes.append(f"the {who} found no document that the keyword search does not rank first")
    if has_decided and findings.found and not findings.evidence:
        notes.append("nothing is quoted: no page that was opened gave a quote")
    return notes


def _step_notes(work: AgentWork) -> list[str]:
    summaries = work.summaries
    failed = sum(step.decision == "failed" for step in summaries)
    degraded = sum(step.status == "degraded" for step in summaries)
    return [
        f"{count} of {len(summaries)} steps {what}"
        for count, what in ((failed, "failed"), (degraded, "are degraded: a fallback stood in"))
        if count
    ]


def _nothing_fits(limits: PlanLimits) -> str:
    """Say which limit does not allow a single request, and what one may take."""
    request, most = limits.request, limits.asked
    short = [
        words
        for one, all_of_it, words in (
            (request.requests, most.requests, "--max-requests"),
            (request.tokens, most.tokens, f"--max-tokens (a request may take {request.tokens:,})"),
            (
                request.micro_usd,
                most.micro_usd,
                f"--max-cost (a request may cost {dollars(request.micro_usd)})",
            ),
        )
        if one > all_of_it
    ]
    return f"no page was opened: not one request to the model fits {', '.join(short)}"
