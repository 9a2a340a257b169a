"""The output formats of a search's result: one row each.

A format is a function that writes a checked result, and whether a program reads what it writes.
The option ``--format``, its help and its errors go by the rows; none of them knows a name but
``json``, which ``--json`` stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_formats
from docsearch_cli.cli.output import Output
from docsearch_cli.cli.output_formats.csv_quotes import write_csv
from docsearch_cli.cli.output_formats.json_document import write_json
from docsearch_cli.cli.output_formats.markdown_answer import write_markdown
from docsearch_cli.cli.output_formats.path_list import write_paths
from docsearch_cli.cli.show_result import show_result
from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from docsearch_cli.search.result import CheckedResult


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One way to print what a search gave."""

    name: str
    """What a person calls it: ``--format NAME``."""
    meaning: str
    """A few words for a person."""
    write: Callable[[Output, CheckedResult], None]
    """Writes the result to stdout. Texts of documents are hostile: none may act as markup, as a
    formula or as a terminal's control sequence."""
    is_machine: bool
    """Whether a program reads it. Then there are no notes and no progress on stderr; an error is
    still printed there, but for JSON, which holds it."""
    has_context: bool = False
    """Whether it has room for the lines around a quote."""


OUTPUT_FORMATS: dict[str, OutputFormat] = {
    row.name: row
    for row in (
        OutputFormat("text", "for reading", show_result, is_machine=False, has_context=True),
        OutputFormat("json", "one JSON document", write_json, is_machine=True, has_context=True),
        OutputFormat(
            "md", "a Markdown document", write_markdown, is_machine=False, has_context=True
        ),
        OutputFormat("csv", "a row a quote", write_csv, is_machine=True),
        OutputFormat("files", "a path a line", write_paths, is_machine=True),
    )
}
DEFAULT_FORMAT = "text"


def describe_formats() -> str:
    """Return every format with its meaning, for a help text."""
    rows = [f"{row.name} ({row.meaning})" for row in OUTPUT_FORMATS.values()]
    return ", ".join(rows[:-1]) + f" or {rows[-1]}"


# Not in options.py: only commands that print a result load the writers.
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help=f"How to print: {describe_formats()}.",
        autocompletion=complete_formats,
    ),
]


def find_format(name: str | None, *, as_json: bool) -> OutputFormat:
    """Return the format that the options ask for.

    Args:
        name: That of ``--format``; None if it was not given.
        as_json: Whether ``--json`` was given.

    Returns:
        Its row.

    Raises:
        UsageError: If there is no such format, or ``--json`` asks for another one.
    """
    if as_json and name not in (None, "json"):
        raise UsageError(f"--json and --format {name} exclude each other", hint="give one of them")
    wanted = "json" if as_json else name or DEFAULT_FORMAT
    if wanted not in OUTPUT_FORMATS:
        raise UsageError(
            f"there is no output format {brief(wanted)}", hint=f"use {' or '.join(OUTPUT_FORMATS)}"
        )
    return OUTPUT_FORMATS[wanted]


def open_output(
    command: str,
    name: str | None,
    *,
    as_json: bool,
    quiet: bool,
    limit: int | None = None,
    tree: bool | None = None,
    context: int = 0,
) -> tuple[Output, OutputFormat]:
    """Return where a command writes, and the format that it was asked for.

    Args:
        command: The command's name.
        name: That of ``--format``; None if it was not given.
        as_json: Whether ``--json`` was given.
        quiet: Whether notes are left out.
        limit: Most quotes and documents to print.
        tree: Whether the tree of a run is shown whole, or not at all.
        context: Lines to print before and after each quote.

    Returns:
        Both.

    Raises:
        UsageError: If there is no such format, ``--json`` asks for another one, or the format
            cannot print what was asked for.
    """
    style = find_format(name, as_json=as_json)
    if context and not style.has_context:
        formats = [row.name for row in OUTPUT_FORMATS.values() if row.has_context]
        raise UsageError(
            f"--context cannot be printed as {style.name}",
            hint=f"use --format {' or '.join(formats)}",
        )
    is_json = style.name == "json"
    output = Output(command, is_json, quiet, style.is_machine, tree, limit, context)
    return output, style
