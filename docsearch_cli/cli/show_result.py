"""A search's result, printed: what every output format has in common, and the text for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from docsearch_cli.cli import signals
from docsearch_cli.cli.output import Output, Reported, visible_text
from docsearch_cli.cli.quoted_text import mark_words, wrap_line
from docsearch_cli.cli.run_tree import tree_rows
from docsearch_cli.cli.screen import Screen, fit_rows, screen_of_stdout
from docsearch_cli.cli.shell_paths import ShellPaths, paths_here
from docsearch_cli.cli.wrapping import wrapped, wrapped_words
from docsearch_cli.errors import EXIT_DONE, bounded
from docsearch_cli.graph.edge_kinds import label_words

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from docsearch_cli.cli.output_formats.table import OutputFormat
    from docsearch_cli.explore.findings import Citation, Findings, Hop
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.search.result import AskResult, CheckedResult


def report(
    output: Output,
    style: OutputFormat,
    reader: IndexReader,
    result: AskResult,
    *,
    remember: bool = True,
) -> None:
    """Print what a search gave, in the format that was asked for, and end with its exit code.

    Each quote is looked up in its file first. No more quotes and documents are printed than
    ``output.limit`` says, in every format. What is printed is the last answer, which other commands
    go by.

    Args:
        output: Where to.
        style: The format.
        reader: The index that was searched.
        result: What the search gave.
        remember: Whether it may be remembered.

    Raises:
        Reported: If the search was cancelled.
    """
    from docsearch_cli.config import load_settings
    from docsearch_cli.search.asked import remember_answer
    from docsearch_cli.search.result import check_result

    if result.run_id is not None and result.complete:
        replay = f"docsearch replay {result.run_id} shows it"
        signals.leave_behind(f"run {result.run_id} is recorded", replay)
    if output.limit is not None:
        result = replace(result, findings=result.findings.first(output.limit))
    checked = check_result(reader, result, context=output.context)
    if remember and load_settings({}).personal.history:
        forgotten = remember_answer(reader.folder.parent.parent, result)
        if forgotten:
            output.note(forgotten)
    style.write(output, checked)
    if result.exit_code != EXIT_DONE:
        raise Reported(result.exit_code)


def show_result(output: Output, checked: CheckedResult, *, screen: Screen | None = None) -> None:
    """Print a result for a person, with notes on stderr.

    Args:
        output: Where to.
        checked: What to print.
        screen: The room that there is; by default that on stdout.
    """
    from rich.text import Text

    from docsearch_cli.runs.words import ended_words

    result = checked.result
    screen = screen or screen_of_stdout()
    paths = paths_here(checked.roots)
    notes = result_notes(checked, paths)
    quotes = [*quote_blocks(checked, screen.columns, paths)]
    written = written_lines(result, screen.columns)
    rows = None if output.tree else screen.rows
    trees = _trees(output, result, paths, screen.columns)
    head = [*map(bounded, (f"{result.mode}: {result.mode_reason}", *result.readings))]
    stopped = ended_words(result.stop_reason, result.reached, result.budget)
    fit = fit_rows(
        rows,
        trees=[*map(tree_rows, trees)],
        quotes=[len(block) for block in quotes],
        all_quotes=output.limit is not None,
        rest=_rows([*head, *notes], screen.columns)
        + (_rows([stopped], screen.columns) - 1)
        + 2
        + len(written),
        further=2 + len(further_documents(result.findings)),
    )
    for line in head:
        output.show(Text(line, style="dim"))
    tree = trees[fit.fold]
    if tree is not None:
        output.show("")
        output.show_tree(tree)
    if tree is not None or result.limits_hit or not result.complete:
        output.show(Text(stopped))
    for line in written:
        output.show(Text(line))
    _show_evidence(output, result.findings, quotes[: fit.quotes])
    _show_further(output, result.findings, paths, screen.columns if fit.fold else None)
    for note in notes:
        output.note(note)


def _rows(lines: Sequence[str], columns: int | None) -> int:
    return sum(wrapped_words(line, columns).count("\n") + 1 for line in lines)


def written_lines(result: AskResult, columns: int | None) -> list[str]:
    """Return what a model wrote, after an empty line; nothing if none did."""
    if result.written is None:
        return []
    import textwrap

    text = visible_text(result.written.text) or "no sentence of the written answer is supported"
    return ["", *(textwrap.wrap(text, columns) if columns is not None else [text])]


def result_notes(checked: CheckedResult, paths: ShellPaths) -> list[str]:
    """Return what a person should know of a result, and which commands take it further."""
    result = checked.result
    notes = list(result.remarks)
    if result.run_id is not None and result.steps:
        first = result.findings.evidence[0].step if result.findings.evidence else ""
        number = first.partition("-")[0] or "1"
        notes.append(f"to run one step again: docsearch replay {result.run_id} --step {number}")
    if result.run_id is not None and not result.complete:
        notes.append(f"to continue: docsearch resume {result.run_id}")
    if checked.freshness.is_stale:
        notes.append(
            f"{checked.freshness.in_words(paths.name)}; docsearch ask --refresh indexes them first"
        )
    return notes


# A folded tree shows the ways to the quotes of so many that come first.
_FOLDED_QUOTES = 3


def _trees(
    output: Output,
    result: AskResult,
    paths: ShellPaths,
    columns: int | None,
) -> tuple[Tree | None, Tree | None, Tree | None]:
    """Return the tree of a run, folded to the ways that led to the quotes, and to two lines."""
    if result.run_id is None or output.tree is False:
        return None, None, None
    from docsearch_cli.cli.run_tree import run_header, run_tree, seed_words, steps_towards

    seeds = [{"source": source} for source in result.seeds]
    seconds = round(result.timings_ms["total"] / 1000, 3)
    header = run_header(result.run_id, result.budget, seconds)
    plan_line = seed_words(seeds)
    draw = partial(run_tree, header, plan_line, result.steps, paths, width=columns)
    quoted = frozenset(item.step for item in result.findings.evidence[:_FOLDED_QUOTES])
    ways = steps_towards(result.steps, quoted)
    return draw(), draw(shown=ways), draw(shown=frozenset())


def quote_blocks(
    checked: CheckedResult, columns: int | None, paths: ShellPaths
) -> Iterator[list[Text]]:
    """Yield each quote as lines: its place, and what it says, wrapped at words.

    Args:
        checked: The result.
        columns: Width to wrap to; None for lines as long as they are.
        paths: What documents are called here.

    Yields:
        The lines of a quote; the words of the question stand out.
    """
    from rich.text import Text

    from docsearch_cli.retrieval.tokens import tokenize

    findings, states = checked.result.findings, checked.freshness.quotes
    for item, state in zip(findings.evidence, states, strict=True):
        place = Text(f"{item.n}  ", style="bold")
        at = None if item.paged else item.line_start
        place.append(place_words(item, paths), style=paths.style(item.path, at, "bold cyan"))
        if item.heading:
            place.append(f"  {heading_words(item)}")
        if item.via:
            place.append(f"  ({way_words(item.via, paths)})", style="dim")
        lines = wrapped(place, columns)
        language = checked.languages[item.path]
        asked = frozenset(tokenize(checked.result.question, language))
        around = checked.contexts[item.n - 1] if checked.contexts is not None else None
        if around is not None:
            lines += _context_rows(around.before, columns)
        *before, last = quoted_lines(item)
        for mark, line in zip(
            ('   "', *["    "] * len(before)), (*before, f'{last}"'), strict=True
        ):
            lines += wrap_line(mark_words(line, asked, language), mark, columns)
        if around is not None:
            lines += _context_rows(around.after, columns)
        if state in STATE_WORDS:
            lines.append(Text(f"   ({STATE_WORDS[state]})", style="yellow"))
        yield lines


def _context_rows(text: str, columns: int | None) -> Iterator[Text]:
    """Yield what stands before or after a quote, dimmed."""
    from rich.text import Text

    for line in context_lines(text):
        shown = Text(visible_text(line), style="dim")
        yield from wrap_line(shown, "    ", columns) if line else [shown]


def context_lines(text: str) -> list[str]:
    """Return the lines of what stands around a quote, without blank ones at either end."""
    lines = [line.rstrip() for line in text.split("\n")]
    filled = [place for place, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _show_evidence(output: Output, findings: Findings, quotes: Sequence[Sequence[Text]]) -> None:
    from rich.text import Text

    if findings.caution:
        output.show("")
        output.show(Text(bounded(f"{findings.caution}: {findings.reason}"), style="bold"))
        if not findings.evidence and not findings.documents:
            return
    output.show("")
    if not findings.found:
        output.show(Text("the closest passages", style="dim"))
    for block in quotes:
        for line in block:
            output.show(line)
    left_out = len(findings.evidence) - len(quotes)
    if left_out:
        more = "1 more quote" if left_out == 1 else f"{left_out} more quotes"
        output.show(Text(f"{more}: --limit {len(findings.evidence)} shows all", style="dim"))


def _show_further(
    output: Output, findings: Findings, paths: ShellPaths, columns: int | None
) -> None:
    """Print the documents that no quote is from: a line each, or all on one line so wide."""
    from rich.text import Text

    more = further_documents(findings)
    if not more:
        return
    words = "see also" if findings.evidence else "documents"
    if columns is not None:
        row = _on_a_row(words, [paths.name(path) for path in more], columns)
        output.show(Text(row, style="dim"))
        return
    if findings.evidence:
        output.show("")
    output.show(Text(words, style="dim"))
    for path in more:
        output.show(Text("   ").append(paths.name(path), style=paths.style(path)))


def _on_a_row(words: str, names: Sequence[str], columns: int) -> str:
    """Return as many names as fit a row, and how many there are more; the first in any case."""
    from rich.cells import cell_len

    for shown in range(len(names), 1, -1):
        more = f", {len(names) - shown} more" if shown < len(names) else ""
        line = f"{words}  {', '.join(names[:shown])}{more}"
        if cell_len(line) <= columns:
            return line
    more = f", {len(names) - 1} more" if len(names) > 1 else ""
    return f"{words}  {names[0]}{more}"


def further_documents(findings: Findings) -> list[str]:
    """Return the best documents that no quote is from, at most five."""
    cited = {item.path for item in findings.evidence}
    return [item.path for item in findings.documents if item.path not in cited][:5]


# What is said of a quote that no longer stands where it stood.
STATE_WORDS = {
    "changed": "the file has changed since it was indexed: the quote is no longer on these lines",
    "gone": "the file has been removed since it was indexed",
}


def place_words(item: Citation, paths: ShellPaths) -> str:
    """Return where a quote stands: its path and lines, or its page, slide, paragraph, ..."""
    return place_words_of(item.path, item.line_start, item.line_end, paths, paged=item.paged)


def place_words_of(path: str, first: int, last: int, paths: ShellPaths, *, paged: bool) -> str:
    """Return a place in words: a path and its lines, or its pages, slides, paragraphs, ..."""
    from docsearch_cli.corpus.formats.table import unit_of_path

    numbers = f"{first}" if first == last else f"{first}-{last}"
    unit = unit_of_path(path)
    if paged and unit == "line":
        unit = "page"  # a PDF whose name does not say so
    if unit == "line":
        return f"{paths.name(path)}:{numbers}"
    return f"{paths.name(path)}, {unit}{'' if first == last else 's'} {numbers}"


def way_words(via: Sequence[Hop], paths: ShellPaths) -> str:
    """Return the edges that led to a quote's node, in words."""
    hops = [
        f"{paths.node(hop.node)} > {label_words(hop.edge)}"
        + (f" on line {hop.line}" if hop.line else "")
        for hop in via
    ]
    return "by " + " > ".join(hops)


def heading_words(item: Citation) -> str:
    """Return a quote's heading below those that it stands under."""
    return " > ".join((*item.above, item.heading))


def quoted_lines(item: Citation) -> list[str]:
    """Return the lines that a quote reads as: list items, rows and lines of code stay apart."""
    return [line.rstrip() for line in item.plain.splitlines()]
