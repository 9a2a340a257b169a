"""The option that says which kinds of edges count."""

from __future__ import annotations

from typing import Annotated

import typer

from docsearch_cli.errors import UsageError
from docsearch_cli.graph.edge_kinds import EDGE_KINDS
from docsearch_cli.whole_numbers import brief

_STORED = {kind.name: kind.code for kind in EDGE_KINDS if kind.code is not None}

EdgeKinds = Annotated[
    str,
    typer.Option(
        "--kinds",
        metavar="KINDS",
        help=f"Kinds of edges that count, with commas: {', '.join(_STORED)} (default: all).",
        show_default=False,
    ),
]


def codes_of(kinds: str) -> list[int]:
    """Return the numbers of the kinds that ``--kinds`` names, of all where it names none.

    Args:
        kinds: Their names, with commas.

    Returns:
        Their numbers in a stored graph.

    Raises:
        UsageError: If one is no kind of a stored edge.
    """
    names = [name for part in kinds.split(",") if (name := part.strip())]
    for name in names:
        if name not in _STORED:
            raise UsageError(
                f"--kinds {brief(name)} is not one of {', '.join(_STORED)}",
                hint="--kinds link,mention",
            )
    return sorted(_STORED[name] for name in names or _STORED)
