"""Results of searches, made by hand."""

from docsearch_cli.explore.findings import Citation, Findings
from docsearch_cli.search.result import AskResult


def result_of(question, *quotes):
    """Return what a search gave: quotes are paths with their first and last line."""
    evidence = [
        Citation(
            n=number,
            path=path,
            node=path,
            step="",
            heading="",
            line_start=first,
            line_end=last,
            quote="it",
            plain="it",
            score=1.0,
            via=(),
            paged=False,
        )
        for number, (path, first, last) in enumerate(quotes, 1)
    ]
    return AskResult(
        question=question,
        mode="simple",
        mode_reason="",
        run_id=None,
        findings=Findings((), tuple(evidence), "", (), 0, found=True, reason=""),
        steps=(),
        budget={},
        stop_reason="simple",
        complete=True,
        limits_hit=(),
        notes=(),
    )
