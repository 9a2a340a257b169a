"""The only place that writes: results to stdout, everything else to stderr.

By default output is for reading, with colour on a terminal only. ``--json`` prints one JSON
document on stdout, on errors too, and nothing on stderr. ``--quiet`` leaves notes out. The result
of a search has more formats, in ``output_formats/``.

Text from documents is never taken for markup. In a pipe a line is as long as it is; on a terminal
it is broken between words (``wrapping.py``), so that a command stays in one piece.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from docsearch_cli.errors import EXIT_DONE, DocsearchError, bounded

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

RESULT_VERSION = 1
# Control characters as their pictures; the C1 range and DEL have none of their own.
_CONTROLS = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421}
_CONTROLS |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
# What changes the direction of writing, so that one name reads like another.
_CONTROLS |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)
# The same as JSON may write them, so that a terminal acts on none; what is below is escaped anyhow.
_JSON_ESCAPES = {code: f"\\u{code:04x}" for code in _CONTROLS if code >= 0x7F}
# Wider than any line: in a pipe nothing is wrapped.
_PIPE_WIDTH = 100_000
# Nothing that is printed goes by it.
_ANY_HEIGHT = 25


class Reported(BaseException):
    """Raised by a command that has printed its result and ends with a code other than 0.

    It is no error, so it is not an ``Exception``: nothing that handles errors may catch it.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


@dataclass
class Output:
    """Writes for one command.

    Args:
        command: Its name, as the JSON result shows it.
        as_json: Print JSON.
        quiet: Leave notes out.
        is_machine: Leave notes out because a program reads the result, whatever its format.
        tree: Whether a person sees the whole tree of a run, or none; None: as far as there is room.
        limit: Most quotes and documents of a search to print; None: as many as there are, as far
            as a person's screen has room.
        context: Lines to print before and after each quote of a search.
    """

    command: str
    as_json: bool = False
    quiet: bool = False
    is_machine: bool = False
    tree: bool | None = None
    limit: int | None = None
    context: int = 0

    @property
    def shows_progress(self) -> bool:
        """True if a person is watching stderr."""
        return self._has_notes and sys.stderr.isatty()

    def result(
        self, data: dict[str, Any], *, partial: bool = False, exit_code: int = EXIT_DONE
    ) -> None:
        """Print the JSON result."""
        status = "partial" if partial else "success"
        print_json(envelope(self.command, status, exit_code, data))

    def show(self, renderable: RenderableType, *, whole: bool = False) -> None:
        """Print something for a person on stdout: one line, or a table.

        Args:
            renderable: It; on a terminal, a line is broken between words.
            whole: Print a line as it is, for somebody to copy.
        """
        if whole:
            self._stdout.print(visible(renderable), soft_wrap=True, markup=False, highlight=False)
        else:
            _print(self._stdout, renderable)

    def show_table(self, table: Table) -> None:
        """Print a table whose first column names its rows: on its side where it is too wide.

        Args:
            table: Whose numbers must not be cut.
        """
        from rich.measure import Measurement

        from docsearch_cli.cli.wrapping import on_its_side

        wide = console(sys.stdout, width=_PIPE_WIDTH)
        needed = Measurement.get(wide, wide.options, table).maximum
        wide.print(table if needed <= self._stdout.width else on_its_side(table))

    def show_tree(self, tree: RenderableType) -> None:
        """Print a tree whose lines already fit: none is cut, not even one that is too long."""
        console(sys.stdout, width=_PIPE_WIDTH).print(tree)

    def note(self, text: str) -> None:
        """Print a line on stderr, for a person."""
        if self._has_notes:
            _print(self._stderr, bounded(text))

    @property
    def _has_notes(self) -> bool:
        return not (self.as_json or self.quiet or self.is_machine)

    @cached_property
    def _stdout(self) -> Console:
        return console(sys.stdout)

    @cached_property
    def _stderr(self) -> Console:
        return console(sys.stderr)


def _print(to: Console, renderable: RenderableType) -> None:
    from rich.text import Text

    from docsearch_cli.cli.wrapping import wrapped

    shown = visible(renderable)
    rows: list[RenderableType] = [shown]
    if isinstance(shown, str | Text):
        line = Text(shown) if isinstance(shown, str) else shown
        columns = to.width if to.file.isatty() else None  # a pipe is not asked for its width
        rows = [*wrapped(line, columns)]
    for row in rows:
        to.print(row, soft_wrap=True, markup=False, highlight=False)


def visible(renderable: RenderableType) -> RenderableType:
    """Return a text with its control characters made visible, character by character.

    Names and texts of documents may hold escape sequences, which a terminal would obey.
    """
    from rich.text import Text

    if isinstance(renderable, str):
        return visible_text(renderable)
    if isinstance(renderable, Text):
        shown = renderable.copy()
        shown.plain = visible_text(renderable.plain)
        return shown
    return renderable


def visible_text(text: str, *, keep: str = "") -> str:
    """Return a plain text with its control characters made visible, but for those to keep."""
    table = {code: shown for code, shown in _CONTROLS.items() if chr(code) not in keep}
    return text.translate(table)


def console(stream: Any, *, width: int | None = None) -> Console:
    """Return a console for a stream: as wide as the terminal, or as wide as any line in a pipe."""
    from rich.console import Console

    class Pipe(Console):
        """A console that reports a closed pipe instead of ending the program with code 1."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if width is None and "COLUMNS" not in os.environ:
        width = _terminal_columns(stream) if stream.isatty() else _PIPE_WIDTH
    # Without a height, rich takes a terminal that calls itself dumb for one of 80 columns.
    height = _ANY_HEIGHT if width is not None else None
    return Pipe(file=stream, width=width, height=height, markup=False, highlight=False, emoji=False)


def language_counts(documents: Mapping[str, int]) -> str:
    """Return how many documents are in each language, in words."""
    return ", ".join(f"{count:,} {language}" for language, count in documents.items())


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 document``, ``2,809 documents``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def time_words(stamp: str) -> str:
    """Return a recorded time to the minute: ``2026-11-30 14:05``, in UTC as it is recorded."""
    return stamp[:16].replace("T", " ")


def is_ascii(stream: Any) -> bool:
    """Tell whether a stream can only show ASCII."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return not encoding.startswith("utf")


def envelope(
    command: str, status: str, exit_code: int, data: Any, errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the JSON document that every command prints."""
    return {
        "docsearch_result_version": RESULT_VERSION,
        "command": command,
        "status": status,
        "exit_code": exit_code,
        "errors": errors or [],
        "data": data,
    }


def print_json(document: dict[str, Any]) -> None:
    """Write one JSON document to stdout."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    print_utf8(text.translate(_JSON_ESCAPES) + "\n")


def print_utf8(text: str) -> None:
    """Write a text to stdout as it is, in UTF-8 whatever the locale."""
    data = text.encode("utf-8", "replace")
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode())
    else:
        sys.stdout.flush()
        buffer.write(data)
        buffer.flush()


def print_error(command: str, error: DocsearchError, *, as_json: bool) -> None:
    """Print an error: the thing, the reason, the next command."""
    if as_json:
        fault = {"code": error.code, "message": error.message, "hint": error.hint}
        print_json(envelope(command, "error", error.exit_code, None, [fault]))
        return
    from docsearch_cli.cli.wrapping import wrapped_words

    columns = _terminal_columns(sys.stderr)
    lines = [f"docsearch: {visible_text(error.message)}"]
    if error.hint:
        lines.append(f"  {visible_text(error.hint)}")
    for line in lines:
        sys.stderr.write(f"{wrapped_words(line, columns)}\n")


def _terminal_columns(stream: Any) -> int | None:
    """Return the width of a terminal; None for what is none, or does not know."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None
    except (OSError, ValueError, AttributeError):
        return None
