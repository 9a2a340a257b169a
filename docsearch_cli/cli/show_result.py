"""A search's result, printed: what every output format has in common, and the text for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output, Reported
from docsearch_cli.corpus.formats.table import unit_of_path
from docsearch_cli.errors import EXIT_DONE

if TYPE_CHECKING:
    from docsearch_cli.cli.output_formats.table import OutputFormat
    from docsearch_cli.explore.findings import Citation, Findings, Hop
    from docsearch_cli.index.freshness import QuoteState
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.search.result import AskResult, CheckedResult


def report(output: Output, style: OutputFormat, reader: IndexReader, result: AskResult) -> None:
    """Print what a search gave, in the format that was asked for, and end with its exit code.

    Each quote is looked up in its file first.

    Args:
        output: Where to.
        style: The format.
        reader: The index that was searched.
        result: What the search gave.

    Raises:
        Reported: If the search was cancelled.
    """
    from docsearch_cli.search.result import check_result

    style.write(output, check_result(reader, result))
    if result.exit_code != EXIT_DONE:
        raise Reported(result.exit_code)


def show_result(output: Output, checked: CheckedResult, *, columns: int | None = None) -> None:
    """Print a result for a person, with notes on stderr.

    Args:
        output: Where to.
        checked: What to print.
        columns: Width to fit the tree into; by default that of the terminal.
    """
    result = checked.result
    from rich.text import Text

    output.show(Text(f"{result.mode}: {result.mode_reason}", style="dim"))
    if result.run_id is not None:
        _show_tree(output, result, columns)
    _show_evidence(output, result, checked.freshness.quotes)
    for note in result_notes(checked):
        output.note(note)


def result_notes(checked: CheckedResult) -> list[str]:
    """Return what a person should know of a result, and which commands take it further."""
    result = checked.result
    notes = [note for note in result.notes if note != result.mode_reason]
    if result.run_id is not None and result.steps:
        first = result.findings.evidence[0].step if result.findings.evidence else ""
        number = first.partition("-")[0] or "1"
        notes.append(f"to run one step again: docsearch replay {result.run_id} --step {number}")
    if result.run_id is not None and not result.complete:
        notes.append(f"to continue: docsearch resume {result.run_id}")
    if checked.freshness.is_stale:
        notes.append(f"{checked.freshness.in_words()}; docsearch ask --refresh indexes them first")
    return notes


def _show_tree(output: Output, result: AskResult, columns: int | None) -> None:
    from rich.text import Text

    from docsearch_cli.cli.run_tree import budget_words, run_tree, seed_words

    seeds = [{"source": source} for source in result.seeds]
    seconds = result.timings_ms["total"] / 1000
    header = [f"run {result.run_id}", *budget_words(result.budget), f"{seconds:.2f} s"]
    output.show("")
    output.show_tree(run_tree(header, seed_words(seeds), result.steps, width=columns))
    unspent = result.budget["max_agents"] - result.budget["agents_used"]
    stopped = f"stopped: {STOP_WORDS[result.stop_reason]}"
    if unspent:
        stopped += f"; {unspent} agents unspent"
    output.show(Text(stopped))


# Why a search ended, in words.
STOP_WORDS = {
    "answered": "answered",
    "budget": "budget reached (--max-agents or --max-tokens)",
    "depth": "depth reached (--max-depth)",
    "frontier_empty": "nothing left to follow",
    "look": "a look was enough (--deep goes on)",
    "no_gain": "the last nodes added nothing new",
    "deadline": "deadline reached",
    "cancelled": "cancelled",
    "failures": "too many steps failed",
    "simple": "keyword search",
}


def _show_evidence(output: Output, result: AskResult, states: Sequence[QuoteState]) -> None:
    from rich.text import Text

    findings = result.findings
    if not findings.found:
        output.show("")
        output.show(Text(f"not found in these documents: {findings.reason}", style="bold"))
        if not findings.evidence and not findings.documents:
            return
    output.show("")
    if not findings.found:
        output.show(Text("the closest passages", style="dim"))
    for item in findings.evidence:
        place = Text(f"{item.n}  ", style="bold")
        place.append(place_words(item), style="bold cyan")
        if item.heading:
            place.append(f"  {heading_words(item)}")
        if item.via:
            place.append(f"  ({way_words(item.via)})", style="dim")
        output.show(place)
        *lines, last = quoted_lines(item)
        for mark, line in zip(('   "', *["    "] * len(lines)), (*lines, f'{last}"'), strict=True):
            output.show(Text(mark + line))
        if item.n <= len(states) and states[item.n - 1] in STATE_WORDS:
            output.show(Text(f"   ({STATE_WORDS[states[item.n - 1]]})", style="yellow"))
    more = further_documents(findings)
    if more:
        if findings.evidence:
            output.show("")
        output.show(Text("see also" if findings.evidence else "documents", style="dim"))
        for path in more:
            output.show(Text(f"   {path}"))


def further_documents(findings: Findings) -> list[str]:
    """Return the best documents that no quote is from, at most five."""
    cited = {item.path for item in findings.evidence}
    return [item.path for item in findings.documents if item.path not in cited][:5]


# What is said of a quote that no longer stands where it stood.
STATE_WORDS = {
    "changed": "the file has changed since it was indexed: the quote is no longer on these lines",
    "gone": "the file has been removed since it was indexed",
}


def place_words(item: Citation) -> str:
    """Return where a quote stands: its path and lines, or its page, slide, paragraph, ..."""
    unit = unit_of_path(item.path)
    lines = f"{item.line_start}"
    if item.line_end != item.line_start:
        lines += f"-{item.line_end}"
    if unit != "line" or item.paged:
        return f"{item.path}, {'page' if unit == 'line' else unit} {lines}"
    return f"{item.path}:{lines}"


def way_words(via: Sequence[Hop]) -> str:
    """Return the edges that led to a quote's node, in words."""
    hops = [
        f"{hop.node} > {hop.edge.replace('_', ' ')}" + (f" on line {hop.line}" if hop.line else "")
        for hop in via
    ]
    return "by " + " > ".join(hops)


def heading_words(item: Citation) -> str:
    """Return a quote's heading below those that it stands under."""
    return " > ".join((*item.above, item.heading))


def quoted_lines(item: Citation) -> list[str]:
    """Return the lines that a quote reads as: list items, rows and lines of code stay apart."""
    return [" ".join(line.split()) for line in item.plain.splitlines()]
