"""Filters: which pages are searched, as an option of a command or a program's argument says it."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.errors import UsageError
from docsearch_cli.retrieval.conditions import MOST_CONDITIONS, Condition, ConditionKind, day_of
from docsearch_cli.whole_numbers import brief


def read_filters(
    paths: Sequence[str] = (),
    tags: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    *,
    prefix: str = "",
) -> tuple[Condition, ...]:
    """Return what is asked of pages.

    Args:
        paths: Patterns of paths, one of which must match.
        tags: Tags, all of which a page must have.
        since: First day that a page may be dated.
        until: Last day; a year or month is meant whole.
        prefix: What stands before the name of a filter where it was given, for errors.

    Returns:
        The conditions.

    Raises:
        UsageError: If one says nothing, or a date is none.
    """
    found = [_named("path", value, "/*?", prefix) for value in paths]
    found += [_named("tag", value, "/#", prefix) for value in tags]
    if since is not None:
        found.append(Condition("since", _day("since", since, prefix)))
    if until is not None:
        found.append(Condition("until", _day("until", until, prefix)))
    if len(found) > MOST_CONDITIONS:
        raise UsageError(
            f"{len(found)} filters are given, and a question has at most {MOST_CONDITIONS}"
        )
    return tuple(found)


def _named(kind: ConditionKind, value: str, signs: str, prefix: str) -> Condition:
    text = " ".join(value.split())
    if not text.strip(signs):
        raise UsageError(
            f"{prefix}{kind} {brief(value)} names nothing", hint="leave it out to search all"
        )
    return Condition(kind, text)


def _day(kind: ConditionKind, value: str, prefix: str) -> str:
    day = day_of(value.strip(), is_end=kind == "until")
    if day is None:
        raise UsageError(
            f"{prefix}{kind} {brief(value)} is no date", hint="write 2025-07-14, 2025-07 or 2025"
        )
    return day.isoformat()
