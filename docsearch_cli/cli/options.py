"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docsearch_cli.search.engines import describe_engines

IndexDir = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="DOCSEARCH_INDEX",
        help="Folder of the index; by default the nearest .docsearch from here upwards.",
        show_default=False,
    ),
]
IndexDirToMake = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="DOCSEARCH_INDEX",
        help="Folder of the index; by default .docsearch in the current folder.",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else on stdout.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result only, no notes.")]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, the start of it, or an exported file.")
]
MaxAgents = Annotated[
    int | None,
    typer.Option(metavar="N", help="Most nodes to open (20, at most 2000; 0 opens none)."),
]
MaxDepth = Annotated[
    int | None, typer.Option(metavar="N", help="Most hops from a seed (3, at most 8).")
]
FanOut = Annotated[
    int | None,
    typer.Option(metavar="N", help="Most edges to follow from one node (3, at most 20)."),
]
Seeds = Annotated[
    int | None, typer.Option(metavar="N", help="Nodes a search opens with (5, at most 50).")
]
MaxTokens = Annotated[
    int | None,
    typer.Option(metavar="N", help="Most tokens of text to read, over all agents (2400000)."),
]
EngineName = Annotated[
    str,
    typer.Option("--engine", metavar="NAME", help=f"{describe_engines()}."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Run every step anew.")]
AcceptDrift = Annotated[
    bool,
    typer.Option("--accept-drift", help="Go on although code, index or limits are others."),
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Worker processes; never changes the result.")
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
