"""``--format md``: the answer as a Markdown document, to paste or to keep.

A quote is a block quote with its place below. Everything that comes from documents or from the
question is escaped, so that it reads as it does there: it makes no heading, image, link or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output, print_utf8, visible_text
from docsearch_cli.cli.run_tree import budget_words
from docsearch_cli.cli.shell_paths import ShellPaths, paths_here
from docsearch_cli.cli.show_result import (
    STATE_WORDS,
    context_lines,
    further_documents,
    heading_words,
    place_words,
    quoted_lines,
    result_notes,
    way_words,
)
from docsearch_cli.runs.words import stop_words

if TYPE_CHECKING:
    from docsearch_cli.explore.findings import Citation
    from docsearch_cli.index.freshness import QuoteState
    from docsearch_cli.index.passage import QuoteContext
    from docsearch_cli.search.result import CheckedResult

# What is markup anywhere in a line: in CommonMark, as strike-through and as a formula.
_MARKUP = re.compile(r"([\\`*_\[\]<~$#]|&(?=[#\w]))")
# What is markup at the beginning of a line only: a list, a rule, an underline, a quote.
_LINE_START = re.compile(r"^(\d{0,9})([-+=>.)])")


def write_markdown(output: Output, checked: CheckedResult) -> None:
    """Print the question, the quotes and the notes.

    Args:
        output: Where to; if it is quiet, the notes are left out.
        checked: The result.
    """
    paths = paths_here(checked.roots)
    blocks = [*_blocks(checked, paths)]
    if not output.quiet:
        notes = [
            f"- {escape_markdown(note)}"
            for note in (*_ending(checked), *result_notes(checked, paths))
        ]
        blocks += ["## Notes", "\n".join(notes)] if notes else []
    print_utf8("\n\n".join(blocks) + "\n")


def _blocks(checked: CheckedResult, paths: ShellPaths) -> Iterator[str]:
    result, findings = checked.result, checked.result.findings
    yield f"# {escape_markdown(result.question)}"
    yield f"*{result.mode}: {escape_markdown(result.mode_reason)}*"
    yield from (f"*{escape_markdown(line)}*" for line in result.readings)
    if not findings.found:
        yield f"**Not found in these documents:** {escape_markdown(findings.reason)}"
    if result.written is not None and result.written.text:
        yield escape_markdown(result.written.text)
    for item, state in zip(findings.evidence, checked.freshness.quotes, strict=True):
        around = checked.contexts[item.n - 1] if checked.contexts is not None else None
        yield _quote(item, state, around, paths)
    more = further_documents(findings)
    if more:
        yield "## See also" if findings.evidence else "## Documents"
        yield "\n".join(f"- {code_span(paths.name(path))}" for path in more)


def _ending(checked: CheckedResult) -> Iterator[str]:
    result = checked.result
    if result.run_id is not None:
        budget = ", ".join(budget_words(result.budget))
        stopped = stop_words(result.stop_reason, asks_model=bool(result.model))
        yield f"run {result.run_id}: {budget}; stopped: {stopped}"


def _quote(
    item: Citation, state: QuoteState, around: QuoteContext | None, paths: ShellPaths
) -> str:
    place = [f"**{item.n}**", code_span(place_words(item, paths))]
    if item.heading:
        place.append(escape_markdown(heading_words(item)))
    if item.via:
        place.append(f"({escape_markdown(way_words(item.via, paths))})")
    if state in STATE_WORDS:
        place.append(f"— *{STATE_WORDS[state]}*")
    quoted = _block_quote(quoted_lines(item))
    if around is not None:
        # Quotes within it set the quote apart from the lines around it.
        before, after = (_block_quote(context_lines(t)) for t in (around.before, around.after))
        inner = "\n".join(f"> {line}" for line in quoted.split("\n"))
        quoted = "\n>\n".join(part for part in (before, inner, after) if part)
    return f"{quoted}\n\n{' '.join(place)}"


def _block_quote(lines: Iterable[str]) -> str:
    """Return lines as one paragraph of a block quote that keeps them apart."""
    text = "\\\n> ".join(map(escape_markdown, filter(None, lines)))
    return f"> {text}" if text else ""


def escape_markdown(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line.

    Args:
        text: Any text.

    Returns:
        The same with its white space run together, control characters made visible and everything
        escaped that is markup.
    """
    flat = visible_text(" ".join(text.split()))
    return _LINE_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", flat))


def code_span(text: str) -> str:
    """Return a text as a code span, with more backticks around it than any within.

    Args:
        text: Any text; control characters are made visible.

    Returns:
        The span.
    """
    shown = visible_text(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    room = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{room}{shown}{room}{fence}"
