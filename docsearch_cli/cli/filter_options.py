"""The options that say which pages are searched, for every command that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.errors import UsageError

if TYPE_CHECKING:
    from docsearch_cli.retrieval.conditions import Condition, ConditionKind

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
    """Return what the options ask of pages.

    Args:
        paths: Patterns of paths, one of which must match.
        tags: Tags, all of which a page must have.
        since: First day that a page may be dated.
        until: Last day; a year or month is meant whole.

    Returns:
        The conditions.

    Raises:
        UsageError: If one says nothing, or a date is none.
    """
    if not (paths or tags or since is not None or until is not None):
        return ()
    from docsearch_cli.retrieval.conditions import MOST_CONDITIONS, Condition

    found = [_named("--path", "path", value, "/*?") for value in paths or ()]
    found += [_named("--tag", "tag", value, "/#") for value in tags or ()]
    for option, value in (("since", since), ("until", until)):
        if value is not None:
            found.append(Condition(option, _day(option, value)))  # type: ignore[arg-type]
    if len(found) > MOST_CONDITIONS:
        raise UsageError(f"{len(found)} filters are more than {MOST_CONDITIONS}")
    return tuple(found)


def _named(option: str, kind: ConditionKind, value: str, signs: str) -> Condition:
    from docsearch_cli.retrieval.conditions import Condition

    text = " ".join(value.split())
    if not text.strip(signs):
        raise UsageError(f"{option} {value!r} names nothing", hint="leave it out to search all")
    return Condition(kind, text)


def _day(option: str, value: str) -> str:
    from docsearch_cli.retrieval.conditions import day_of

    day = day_of(value.strip(), is_end=option == "until")
    if day is None:
        raise UsageError(
            f"--{option} {value!r} is no date", hint="write 2025-07-14, 2025-07 or 2025"
        )
    return day.isoformat()
