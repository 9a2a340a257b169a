"""The options that say which pages are searched, for every command that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from docsearch_cli.retrieval.conditions import Condition

Paths = Annotated[
    list[str] | None,
    typer.Option(
        "--path", metavar="GLOB", help="Search only there, as guides/* or *.md; repeatable."
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tag", metavar="NAME", help="Search only pages with this tag, or one below; repeatable."
    ),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Search only pages dated (in front matter) then or later."),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Search only pages dated then or earlier."),
]


def conditions_of(
    paths: list[str] | None, tags: list[str] | None, since: str | None, until: str | None
) -> tuple[Condition, ...]:
    """Return what the options ask of pages; an option that says nothing is refused."""
    if not (paths or tags or since is not None or until is not None):
        return ()
    from docsearch_cli.search.filters import read_filters

    return read_filters(paths or (), tags or (), since, until, prefix="--")
