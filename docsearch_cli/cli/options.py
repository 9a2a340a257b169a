"""Options that several commands share, each written once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.completion import complete_agents, complete_engines, complete_runs
from docsearch_cli.run_limits import LIMIT_OF, read_dollars
from docsearch_cli.search.engines import describe_engines
from docsearch_cli.whole_numbers import brief, read_number

if TYPE_CHECKING:
    from docsearch_cli.cli.output import Output
    from docsearch_cli.index.reader import IndexReader


def _number(text: str | int) -> int:
    """Return the number that was given for an option; Typer passes a default as it is."""
    number = text if isinstance(text, int) else read_number(text)
    if number is None:
        raise typer.BadParameter(f"{brief(text)} is not a whole number of at most 18 digits")
    return number


def _dollars(text: str | int) -> int:
    """Return the amount that was given for an option, in millionths."""
    amount = text if isinstance(text, int) else read_dollars(text)
    if amount is None:
        raise typer.BadParameter(f"{brief(text)} is not an amount in dollars, to a millionth")
    return amount


def _positive(text: str | int) -> int:
    number = _number(text)
    if number < 1:
        raise typer.BadParameter(f"{number} is below 1")
    return number


def a_place(text: str) -> str:
    """Return what was given to name a place; an empty text is refused."""
    if not text:  # as an unset variable leaves it; nobody means the current folder
        raise typer.BadParameter("it is empty")
    return text


def a_path(text: str) -> Path:
    """Return the path that was given; an empty one is refused."""
    return Path(a_place(text))


def a_new_file(text: str) -> Path:
    """Return the file to write that was given; - is refused, which elsewhere is the output."""
    if text == "-":
        raise typer.BadParameter("a file is needed, and - names none; give it a name")
    return a_path(text)


def limit_option(name: str) -> Any:
    """Return the option of a limit, whose help says what ``run_limits.py`` says of it."""
    limit = LIMIT_OF[name]
    if limit.is_money:
        return typer.Option(metavar="USD", parser=_dollars, help=limit.help)
    return typer.Option(metavar="N", parser=_number, help=limit.help)


def money_option(meaning: str) -> Any:
    """Return an option that bounds dollars."""
    return typer.Option(metavar="USD", parser=_dollars, help=meaning)


def number_option(meaning: str) -> Any:
    """Return an option that bounds a number."""
    return typer.Option(metavar="N", parser=_number, help=meaning)


def most_option(meaning: str) -> Any:
    """Return the option that bounds how much is listed."""
    return typer.Option(metavar="N", parser=_positive, help=meaning)


IndexDir = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar="DOCSEARCH_INDEX",
        parser=a_place,
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
        parser=a_place,
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
ContextLines = Annotated[
    int, typer.Option("--context", "-C", min=0, metavar="N", help="Lines to show before and after.")
]
NoHistory = Annotated[
    bool, typer.Option("--no-history", help="Remember neither the question nor the answer.")
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
    typer.Option(
        "--engine",
        metavar="NAME",
        help=f"{describe_engines()}.",
        autocompletion=complete_engines,
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        envvar="DOCSEARCH_SCHEDULER",
        show_default=False,
        help="Scheduler for --engine dask, as tcp://HOST:8786; local starts one here.",
    ),
]
MaxRequests = Annotated[int | None, limit_option("max_requests")]
MaxCost = Annotated[int | None, limit_option("max_cost")]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="PROVIDER:NAME",
        help="Language model that the agent asks, as openai:gpt-4o-mini (else DOCSEARCH_MODEL).",
        show_default=False,
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="Where the model is, such as a server on this machine (else DOCSEARCH_BASE_URL).",
    ),
]
AgentName = Annotated[
    str,
    typer.Option(
        "--agent",
        metavar="NAME",
        help="Agent that decides at each node; a wrong name lists all.",
        autocompletion=complete_agents,
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Run every step again, even where its result is cached.")
]
NoReplies = Annotated[
    bool, typer.Option("--no-cache", help="Ask a model again, even where its reply is kept.")
]


class AnswerBy(StrEnum):
    """What ``--answer`` takes."""

    quotes = "quotes"
    llm = "llm"


AnswerWriter = Annotated[
    AnswerBy,
    typer.Option(
        "--answer",
        help="Who writes the answer of a deep search: its quotes are it, or a language model"
        " writes it from them.",
    ),
]
AcceptDrift = Annotated[
    bool,
    typer.Option(
        "--accept-drift",
        help="Continue although the code, the index or a limit differs from the run's.",
    ),
]


def home_for_reading(given: str | None, output: Output) -> Path:
    """Return the ``.docsearch`` folder to read.

    Args:
        given: What ``--index`` says.
        output: Told of a folder that had to be passed over.

    Returns:
        The folder.

    Raises:
        IndexMissingError: If there is none.
        AccessError: If the only one may not be read.
    """
    from docsearch_cli.index.home import find_home

    return find_home(None, given, note=output.note)


def home_of_runs(given: str | None, output: Output, *, run: str = "") -> Path:
    """Return the ``.docsearch`` folder that runs are in, with or without an index.

    Args:
        given: What ``--index`` says.
        output: Told of a folder that had to be passed over.
        run: The run that is asked for; any folder will do if it is an exported file.

    Returns:
        The folder.

    Raises:
        IndexMissingError: If there is none, and the run is not in a file.
        AccessError: If the only one may not be read.
    """
    from docsearch_cli.errors import AccessError, IndexMissingError
    from docsearch_cli.index.home import find_home
    from docsearch_cli.runs.catalog import is_export

    try:
        return find_home(None, given, for_runs=True, note=output.note)
    except (IndexMissingError, AccessError):
        if is_export(run):
            return home_for_writing(given)
        raise


def home_for_writing(given: str | None) -> Path:
    """Return the ``.docsearch`` folder to write: the one given, or one in this folder."""
    from docsearch_cli.index.home import INDEX_FOLDER, current_working_folder, home_at

    return home_at(Path(given)) if given is not None else current_working_folder() / INDEX_FOLDER


def index_if_here(home: Path) -> IndexReader | None:
    """Return the index that is here, if there is one that can be read."""
    from docsearch_cli.errors import DocsearchError
    from docsearch_cli.index.store import open_index

    try:
        return open_index(home)
    except DocsearchError:
        return None
