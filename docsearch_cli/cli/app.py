"""The command line's entry: builds the commands, maps every error to its exit code.

Only the command that was asked for is built: Typer takes a millisecond for each. Command modules
import nothing heavy; what a command needs is imported when it runs.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeGuard

import typer

from docsearch_cli import __version__
from docsearch_cli.cli import signals
from docsearch_cli.cli.completion_scripts import COMPLETE_VARIABLE
from docsearch_cli.cli.output import Reported, print_error
from docsearch_cli.environment import check_memory, refusal
from docsearch_cli.errors import (
    EXIT_BUG,
    EXIT_DONE,
    EXIT_INTERRUPTED,
    DocsearchError,
    UsageError,
)
from docsearch_cli.whole_numbers import brief, read_number

_EXIT_CODES = """\b
Exit codes: 0 done (no hits and limits reached included), 1 a bug, 2 usage,
3 input, index or config, 4 the run failed, 5 a check failed (graph links
--fail-on, doctor), 6 a replay differs, 130 Ctrl-C."""

# Narrower help is wrapped to the terminal, if it is no narrower than the second.
_HELP_COLUMNS = 80
_LEAST_COLUMNS = 30
# No terminal is larger, in columns or lines.
_WIDEST = 100_000

# Of a longer word of a command line, the start is said.
_MOST_WORD = 80
_MOST_CUT_WORDS = 50

# Each command's module and function, each group's module and Typer, as help lists them.
_COMMANDS = {
    "index": ("index", "command"),
    "ask": ("ask", "command"),
    "show": ("show", "command"),
    "open": ("open", "command"),
    "replay": ("replay", "command"),
    "resume": ("resume", "resume"),
    "fork": ("resume", "fork"),
    "eval": ("evaluate", "command"),
    "status": ("status", "command"),
    "serve": ("serve", "command"),
    "doctor": ("doctor", "command"),
    "completion": ("completion", "command"),
}
_GROUPS = {
    "runs": ("runs", "app"),
    "graph": ("graph", "app"),
    "cache": ("cache", "app"),
    "config": ("config", "app"),
    "mcp": ("mcp", "app"),
}
_NAMED = _COMMANDS | _GROUPS


def build_app(names: Iterable[str] = tuple(_NAMED)) -> typer.Typer:
    """Return the command line with some of its commands; by default with all."""
    columns = shutil.get_terminal_size().columns
    # Click wraps help to 50 columns at the least, and breaks none of the lines after this mark.
    is_narrow = columns < _HELP_COLUMNS
    width = {"terminal_width": max(_LEAST_COLUMNS, columns - 1)} if is_narrow else {}
    app = typer.Typer(
        name="docsearch",
        help="Explore a folder of linked documents under a hard budget.",
        epilog=_EXIT_CODES.removeprefix("\b\n") if is_narrow else _EXIT_CODES,
        no_args_is_help=True,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"], **width},
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for name in names:
        module, attribute = _NAMED[name]
        found = getattr(import_module(f"docsearch_cli.cli.{module}"), attribute)
        if name in _GROUPS:
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"docsearch {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Explore a folder of linked documents under a hard budget."""


# Typer carries its own copy of Click; the family of its usage errors is found through one of them.
_CLICK_ERROR: Any = typer.BadParameter.__mro__[2]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  closed with the process
    if COMPLETE_VARIABLE in os.environ:
        from docsearch_cli.cli.completion import offer

        offer(typer.main.get_command(build_app()), words)
        raise SystemExit(EXIT_DONE)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  closed with the process
    _drop_odd_sizes()
    signals.take_over()
    code = _run_quietly(words)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        code = _cannot_write(error)
    signals.stand_down()
    raise SystemExit(code)


def _drop_odd_sizes() -> None:
    """Forget sizes of a terminal that are none: rich takes whatever Python calls digits."""
    for name in ("COLUMNS", "LINES"):
        size = read_number(os.environ.get(name, "0"))
        if size is None or not 0 <= size <= _WIDEST:
            del os.environ[name]


def _run_quietly(words: list[str]) -> int:
    """Run the command and return its exit code; whoever reads no further has what they wanted."""
    try:
        return _run(words)
    except BrokenPipeError:
        _silence(sys.stdout)
        _silence(sys.stderr)
        return EXIT_DONE


def _run(words: list[str]) -> int:
    """Run the command and return its exit code; errors are printed here and nowhere else.

    Args:
        words: The command line.

    Returns:
        The exit code.

    Raises:
        BrokenPipeError: If nobody reads what is printed any more.
    """
    command = _command_name(words)
    options = words[: words.index("--")] if "--" in words else words
    as_json = _asks_for_json(options)
    try:
        if check_memory() or command != "index":
            # numpy starts a thread a core when it is imported, and each takes memory. A question's
            # products are too small for them, and what agents do is spread over processes; sections
            # are encoded on all cores.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        is_named = bool(words) and words[0] in _NAMED
        names = words[:1] if is_named else () if words == ["--version"] else _NAMED
        app = build_app(names)
        result = app(args=words, standalone_mode=False, prog_name="docsearch")
    except Reported as ending:
        return ending.exit_code
    except DocsearchError as error:
        return _report(command, error, as_json)
    except _CLICK_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(error.format_message() + "\n")
            return UsageError.exit_code
        return _report(command, _usage_error(error, words), as_json)
    except BrokenPipeError:
        raise
    except SystemExit as ending:  # Click makes one of a closed pipe
        if isinstance(ending.__context__, BrokenPipeError):
            raise ending.__context__ from None
        raise
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(command, as_json)
    except Exception as error:
        if _is_about_output(error):
            _silence(sys.stdout)
            return _cannot_write(error)
        refused = refusal(error)
        if refused is not None:
            return _report(command, refused, as_json)
        if isinstance(error.__cause__, KeyboardInterrupt):  # as Python 3.11 wraps one in an import
            return _interrupted(command, as_json)
        return _bug(command, error, as_json)
    if result == EXIT_INTERRUPTED:
        return _interrupted(command, as_json)
    return result if isinstance(result, int) else EXIT_DONE


def _asks_for_json(options: list[str]) -> bool:
    """Tell whether an error is to be JSON too; the options may be what is wrong."""
    values = [value for name, value in pairwise(options) if name == "--format"]
    return "--json" in options or "--format=json" in options or "json" in values[-1:]


def _command_name(words: list[str]) -> str:
    """Return the command as its result names it: ``ask``, ``graph links``."""
    plain = [word for word in words if not word.startswith("-")]
    return " ".join(plain[: 2 if plain[:1] and plain[0] in _GROUPS else 1])


def _interrupted(command: str, as_json: bool) -> int:
    return _report(command, signals.ending(), as_json)


def _report(command: str, error: DocsearchError, as_json: bool) -> int:
    """Print an error, if anybody reads it, and return its exit code."""
    try:
        print_error(command, error, as_json=as_json)
    except BrokenPipeError:
        _silence(sys.stdout)
        _silence(sys.stderr)
    except MemoryError:
        os.write(2, b"docsearch: Out of memory\n")
    return error.exit_code


def _bug(command: str, error: Exception, as_json: bool) -> int:
    import traceback

    from docsearch_cli.index.integrity import find_damage

    damage = find_damage()
    if damage is not None:
        return _report(command, damage, as_json)
    if as_json:
        fault = DocsearchError(
            f"{type(error).__name__}: {error}", hint="run it again without --json for the traceback"
        )
        print_error(command, _BugError(fault.message, hint=fault.hint), as_json=True)
    else:
        traceback.print_exception(error, file=sys.stderr)
        sys.stderr.write("docsearch: this is a bug; please report it with the lines above\n")
    return EXIT_BUG


class _BugError(DocsearchError):
    exit_code = EXIT_BUG
    code = "bug"


def _usage_error(error: Any, words: list[str]) -> UsageError:
    """Return what is wrong with the command line, with one that can be read."""
    from docsearch_cli.cli.suggest import suggest_line
    from docsearch_cli.corpus.graphemes import shorten

    first = next((word for word in words if not word.startswith("-")), "")
    message = error.format_message()
    if first not in _NAMED and type(error).__name__ in ("UsageError", "NoSuchCommand"):
        message = f"there is no command {brief(first)}"
    for word in [word for word in words if len(word) > _MOST_WORD][:_MOST_CUT_WORDS]:
        message = message.replace(word, shorten(word, _MOST_WORD))
    return UsageError(message, hint=suggest_line(words, typer.main.get_command(build_app())))


def _is_about_output(error: Exception) -> TypeGuard[OSError]:
    """Tell whether stdout cannot be written: it has no name, and all else that is written has."""
    return (
        isinstance(error, OSError)
        and error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT)
        and error.filename is None
    )


def _cannot_write(error: OSError) -> int:
    sys.stderr.write(f"docsearch: the output cannot be written: {error.strerror}\n")
    return DocsearchError.exit_code


def _silence(stream: Any) -> None:
    """Leave nothing to flush into a closed pipe at exit."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
