"""``docsearch completion``: what a shell needs to complete commands, options, runs and paths.

The script that a shell reads asks this program, with what has been typed so far in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from docsearch_cli.cli.output import Output, print_utf8
from docsearch_cli.errors import UsageError

COMPLETE_VARIABLE = "_DOCSEARCH_COMPLETE"
"""Set by the shell's script when it asks; see ``app.py``."""
# More are no help on a screen.
_MOST_OFFERED = 200
_SILENT = Output("completion", quiet=True)


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
      docsearch completion fish > ~/.config/fish/completions/docsearch.fish
    """
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    name = shell.value if shell is not None else Path(os.environ.get("SHELL", "")).name
    if name not in list(Shell):
        raise UsageError(
            f"the shell {name!r} is not known" if name else "$SHELL names no shell",
            hint=f"name one: docsearch completion {' or '.join(Shell)}",
        )
    script = get_completion_script(
        prog_name="docsearch", complete_var=COMPLETE_VARIABLE, shell=name
    )
    print_utf8(script + "\n")


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
