"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from docsearch_cli.cli.completion import complete_runs
from docsearch_cli.config import LIMIT_OF
from docsearch_cli.search.engines import describe_engines


def limit_option(name: str) -> Any:
    """Return the option of a limit, whose help says what ``config.py`` says of it."""
    return typer.Option(metavar="N", help=LIMIT_OF[name].help)


IndexDir = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="DOCSEARCH_INDEX",
        help="Folder of the index (default: .docsearch here, or in the nearest folder above).",
        show_default=False,
    ),
]
IndexDirToMake = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="DOCSEARCH_INDEX",
        help="Folder of the index (default: .docsearch in the current folder).",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document, on errors too, and nothing else.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result without notes.")]
WholeTree = Annotated[
    bool | None,
    typer.Option(
        "--tree/--no-tree",
        help="Show all steps of a deep search, or none (default: as the terminal has room).",
        show_default=False,
    ),
]
MostQuotes = Annotated[
    int | None,
    typer.Option("--limit", "-n", metavar="N", min=1, help="Most quotes and documents to print."),
]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run's id, its first characters, or an exported file.",
        autocompletion=complete_runs,
    ),
]
MaxAgents = Annotated[int | None, limit_option("max_agents")]
MaxDepth = Annotated[int | None, limit_option("max_depth")]
FanOut = Annotated[int | None, limit_option("fan_out")]
Seeds = Annotated[int | None, limit_option("seeds")]
MaxTokens = Annotated[int | None, limit_option("max_tokens")]
Workers = Annotated[int | None, limit_option("workers")]
EngineName = Annotated[
    str,
    typer.Option("--engine", metavar="NAME", help=f"{describe_engines()}."),
]
AgentName = Annotated[
    str,
    typer.Option(
        "--agent",
        metavar="NAME",
        help="Agent that decides at each node; a wrong name lists all.",
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Run every step again, even where its result is cached.")
]
AcceptDrift = Annotated[
    bool,
    typer.Option(
        "--accept-drift",
        help="Continue although the code, the index or a limit differs from the run's.",
    ),
]


def home_for_reading(given: str | None) -> Path:
    """Return the ``.docsearch`` folder to read.

    Raises:
        IndexMissingError: If there is none.
    """
    from docsearch_cli.index.store import find_home

    return find_home(Path.cwd(), given)


def home_of_run(given: str | None, run: str) -> Path:
    """Return the ``.docsearch`` folder that a run is in; any, if it is an exported file.

    Raises:
        IndexMissingError: If there is none, and the run is not in a file.
    """
    from docsearch_cli.errors import IndexMissingError
    from docsearch_cli.runs.catalog import is_export

    try:
        return home_for_reading(given)
    except IndexMissingError:
        if is_export(run):
            return home_for_writing(given)
        raise


def home_for_writing(given: str | None) -> Path:
    """Return the ``.docsearch`` folder to write: the one given, or one in this folder."""
    from docsearch_cli.index.store import INDEX_FOLDER, home_at

    return home_at(Path(given)) if given is not None else Path.cwd() / INDEX_FOLDER
