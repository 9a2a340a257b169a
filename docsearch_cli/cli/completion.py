"""``docsearch completion``: what a shell needs to complete commands, options, runs and paths.

The script that a shell reads asks this program, with the words that were typed so far.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from docsearch_cli.cli.completion_scripts import COMPLETE_VARIABLE, SCRIPTS
from docsearch_cli.cli.output import Output, print_utf8
from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief

# More are no help on a screen.
_MOST_OFFERED = 200
_SILENT = Output("completion", quiet=True)
# What bash reads as more than itself; see QUOTING in its manual.
_BASH_SPECIAL = frozenset(" \t\"'\\$`!&|;()<>{}[]*?#~^")
# Where readline begins a new word inside one: what stands before is not replaced.
_BASH_BREAKS = ("=", ":")


class Shell(StrEnum):
    """A shell that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def command(
    shell: Annotated[
        Shell | None,
        typer.Argument(help="The shell (default: that of $SHELL).", show_default=False),
    ] = None,
) -> None:
    """Print a script that completes commands, options, runs, steps and documents in a shell.

    \b
    Examples:
      docsearch completion bash >> ~/.bashrc
      docsearch completion zsh > ~/.zfunc/_docsearch    (with ~/.zfunc in $fpath)
      docsearch completion fish > ~/.config/fish/completions/docsearch.fish
    """
    name = shell.value if shell is not None else Path(os.environ.get("SHELL", "")).name
    if name not in list(Shell):
        raise UsageError(
            f"the shell {brief(name)} is not known"
            if name
            else "which shell you use is not known: $SHELL is not set",
            hint=f"name one: docsearch completion {' or '.join(Shell)}",
        )
    print_utf8(SCRIPTS[name])


def offer(root: Any, words: Sequence[str]) -> None:
    """Print what may stand for the last word of a line, for the shell that asks.

    Args:
        root: The command with all commands below it.
        words: What was typed after the command's name; the last is the one to complete.
    """
    from typer._completion_classes import BashComplete

    shell = os.environ.get(COMPLETE_VARIABLE, "")
    typed = list(words) or [""]
    if shell == Shell.BASH:
        typed = [_without_quotes(word) for word in _joined(typed)]
    *before, last = typed
    try:
        found = BashComplete(root, {}, "docsearch", COMPLETE_VARIABLE).get_completions(before, last)
    except Exception:  # a key was pressed: there is nobody to tell
        return
    style = _STYLES.get(shell, _as_it_is)
    lines = []
    for item in found:
        value, meaning = str(item.value), " ".join((item.help or "").split())
        if value.isprintable():  # a line cannot hold another name
            shown = style(value, words[-1] if words else "", last)
            lines.append(f"{shown}\t{meaning}\n" if meaning else f"{shown}\n")
    print_utf8("".join(lines))


def _as_it_is(value: str, _raw: str, _last: str) -> str:
    return value


def _for_fish(value: str, _raw: str, last: str) -> str:
    """Return the whole word: fish replaces all of ``--option=value``."""
    option, equals, _ = last.partition("=")
    return f"{option}={value}" if equals and option.startswith("--") else value


def _for_bash(value: str, raw: str, last: str) -> str:
    """Return what readline puts in place of the word behind the last break."""
    if raw[:1] in ("'", '"'):
        return value
    cut = max(last.rfind(mark) for mark in _BASH_BREAKS) + 1
    if not last.startswith("--") and cut > 0 and value.startswith(last[:cut]):
        value = value[cut:]
    return "".join(f"\\{char}" if char in _BASH_SPECIAL else char for char in value)


_STYLES: dict[str, Callable[[str, str, str], str]] = {
    Shell.BASH: _for_bash,
    Shell.FISH: _for_fish,
}


def _joined(words: Sequence[str]) -> list[str]:
    """Return words as they were typed, which bash cuts at ``=`` and ``:``."""
    joined: list[str] = []
    is_open = False
    for word in words:
        is_break = bool(word) and not word.strip("".join(_BASH_BREAKS))
        if joined and (is_break or is_open):
            joined[-1] += word
        else:
            joined.append(word)
        is_open = is_break
    return joined


def _without_quotes(word: str) -> str:
    """Return what a word of bash means, whose last quote may be open still."""
    import shlex

    for closed in (word, word.removesuffix("\\"), f"{word}'", f'{word}"'):
        with contextlib.suppress(ValueError):
            return "".join(shlex.split(closed))
    return word


def complete_runs(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Yield the ids of recorded runs that begin with what was typed; none on any fault."""
    try:
        from docsearch_cli.cli.options import home_of_runs
        from docsearch_cli.runs.catalog import run_ids

        found = run_ids(home_of_runs(context.params.get("index"), _SILENT))
    except Exception:  # a key was pressed: there is nobody to tell
        return
    yield from [name for name in found if name.startswith(incomplete)][:_MOST_OFFERED]


def complete_documents(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Yield the paths of indexed documents that begin with what was typed; none on any fault.

    A path may be the index's, or the one that the shell would open here.
    """
    try:
        from docsearch_cli.cli.options import home_for_reading
        from docsearch_cli.cli.shell_paths import ShellPaths
        from docsearch_cli.index.find_document import typed_prefixes
        from docsearch_cli.index.store import open_index

        index = open_index(home_for_reading(context.params.get("index"), _SILENT))
        found = index.paths.beginning_with(incomplete)[:_MOST_OFFERED]
        names = ShellPaths(index.roots)
        for prefix in typed_prefixes(index, incomplete, Path.cwd()) if incomplete else ():
            some = map(names.file, index.paths.beginning_with(prefix)[:_MOST_OFFERED])
            found += [name for name in some if name.startswith(incomplete) and name not in found]
    except Exception:  # as above
        return
    yield from found[:_MOST_OFFERED]


def complete_steps(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Yield the ids of a run's steps that begin with what was typed; none on any fault."""
    try:
        from docsearch_cli.cli.options import home_of_runs
        from docsearch_cli.runs.catalog import opened_run
        from docsearch_cli.runs.trace import read_trace

        run = context.params.get("run") or context.args[0]  # where an option lacks its value
        home = home_of_runs(context.params.get("index"), _SILENT, run=run)
        with opened_run(home, run) as store:
            found = [row.id for row in read_trace(store).all_steps()]
    except Exception:  # as above
        return
    yield from [name for name in found if name.startswith(incomplete)][:_MOST_OFFERED]


def complete_limits(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the limits that a fork may change, each with what it bounds."""
    from docsearch_cli.run_limits import LIMIT_OF
    from docsearch_cli.search.resume import FORK_LIMITS

    for name in FORK_LIMITS:
        if name.startswith(incomplete):
            yield f"{name}=", LIMIT_OF[name].help


def complete_engines(incomplete: str) -> list[str]:
    """Return the engines."""
    from docsearch_cli.search.engines import ENGINES

    return [name for name in ENGINES if name.startswith(incomplete)]


def complete_clients(incomplete: str) -> list[str]:
    """Return the clients whose names begin so."""
    from docsearch_cli.mcp_server.clients.table import CLIENT_OF

    return [name for name in CLIENT_OF if name.startswith(incomplete)]


def complete_agents(incomplete: str) -> list[tuple[str, str]]:
    """Return the agents, each with what it goes by."""
    from docsearch_cli.explore.agents.table import AGENTS

    return [(name, agent.meaning) for name, agent in AGENTS.items() if name.startswith(incomplete)]


def complete_formats(incomplete: str) -> list[tuple[str, str]]:
    """Return the output formats, each with what it is."""
    from docsearch_cli.cli.output_formats.table import OUTPUT_FORMATS

    rows = [(row.name, row.meaning) for row in OUTPUT_FORMATS.values()]
    return [row for row in rows if row[0].startswith(incomplete)]


def complete_languages(incomplete: str) -> list[str]:
    """Return the languages that words can be stemmed in."""
    from docsearch_cli.document_settings import AUTO_LANGUAGE
    from docsearch_cli.retrieval.languages import LANGUAGES, NO_LANGUAGE

    names = (AUTO_LANGUAGE, NO_LANGUAGE, *LANGUAGES)
    return [name for name in names if name.startswith(incomplete)]
