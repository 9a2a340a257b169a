"""``docsearch open``: what a quote names, in an editor."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_documents
from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output
from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.whole_numbers import brief, read_number

if TYPE_CHECKING:
    from pathlib import Path

    from docsearch_cli.index.reader import IndexReader


def command(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[N|PATH[:LINE]]",
            help="Number of a quote of the last answer (default 1), or a document.",
            show_default=False,
            autocompletion=complete_documents,
        ),
    ] = "1",
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the command instead of running it.")
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Open a quote of the last answer, or a document, in an editor at its line.

    The editor is the setting editor, else $VISUAL or $EDITOR, else what the desktop opens such a
    file with. --json prints what would be opened, and opens nothing.

    \b
    Examples:
      docsearch open 2
      docsearch open guides/retries.md:12 --print
    """
    import shlex

    from rich.text import Text

    from docsearch_cli.cli.editors import command_to_open
    from docsearch_cli.config import load_settings
    from docsearch_cli.corpus.formats.table import format_named, format_of_suffix, suffix_in
    from docsearch_cli.index.freshness import changed_since
    from docsearch_cli.index.store import open_index

    output = Output("open", as_json, quiet)
    home = home_for_reading(index, output)
    reader = open_index(home)
    path, line = _place(home, reader, what)
    file = _file(reader, path)
    document = reader.paths.find(path)
    is_text = document is not None and format_named(reader.markup(document)).unit == "line"
    line = line if is_text else None
    words = command_to_open(
        load_settings({}).personal.editor,
        file,
        line,
        is_text=is_text,
        is_document=format_of_suffix(suffix_in(file)) is not None,
        environment=os.environ,
    )
    if as_json:
        output.result({"path": path, "absolute_path": file, "line": line, "command": words})
        return
    if only_print:
        output.show(Text(shlex.join(words)), whole=True)
        return
    if changed_since(reader, path):
        output.note("the file has changed since it was indexed: the line may be another now")
    _become(words)


def _place(home: Path, reader: IndexReader, what: str) -> tuple[str, int | None]:
    """Return the document that is meant, as the index has it, and the line."""
    from docsearch_cli.index.find_document import find_place
    from docsearch_cli.index.home import current_working_folder

    number = read_number(what)
    if number is None:
        path, first, _ = find_place(reader, what, current_working_folder())
        return path, first
    from docsearch_cli.search.asked import read_asked

    asked = read_asked(home)
    count = len(asked.quotes)
    if not 0 < number <= count:
        raise UsageError(
            f"the last answer has no quote {number}: it has {count}",
            hint=f"docsearch open {count}" if count else "docsearch ask --again shows it",
        )
    quote = asked.quotes[number - 1]
    if reader.paths.find(quote.path) is None:
        raise InputError(
            f"{quote.path!r} is not in the index any more", hint="docsearch ask --again"
        )
    return quote.path, quote.line_start


def _file(reader: IndexReader, path: str) -> str:
    """Return a document's file, which is there and in the folder that was indexed."""
    from docsearch_cli.index.document_files import file_of

    file = file_of(reader.roots, path)
    if file is None or not file.is_file():
        raise InputError(
            f"the file of {path!r} is gone since it was indexed",
            hint=f"what was indexed: docsearch show {shlex.quote(path)}",
        )
    return os.path.abspath(file)  # noqa: PTH100  a text, whatever its characters


def _become(words: list[str]) -> None:
    """Run a command in the place of this process: the terminal and its signals are its own.

    Raises:
        InputError: If there is no such command.
    """
    sys.stdout.flush()
    try:
        os.execvp(words[0], words)  # noqa: S606  without a shell; the user's own editor
    except OSError as error:
        raise InputError(
            f"{brief(words[0])} cannot be started: {error.strerror}",
            hint="name an editor: EDITOR=vim docsearch open",
        ) from error
