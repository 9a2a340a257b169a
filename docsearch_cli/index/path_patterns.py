"""Patterns of paths, as a person types them for a filter.

A pattern matches a file, or a folder and all that lies in it. It may begin at any folder, at the
top only where it begins with ``/``. ``*`` and ``?`` stay inside one name, ``**`` stands for any
number of folders. A name without them is a whole name, with or without the file's suffix. Case does
not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

from docsearch_cli.retrieval.conditions import Condition

_WILD = frozenset("*?[")


class PathPattern:
    """A pattern of paths.

    Args:
        text: As it was typed.
    """

    def __init__(self, text: str) -> None:
        folded = text.casefold().replace("\\", "/").removeprefix("./")
        names: list[str] = []
        for name in filter(None, folded.split("/")):
            if name != "**" or names[-1:] != ["**"]:  # several stand for as many folders as one
                names.append(name)
        self._names = tuple(
            names if folded.startswith("/") or names[:1] == ["**"] else ["**", *names]
        )
        self._matches_name = lru_cache(maxsize=4096)(_matches_name)  # folders come again and again

    def matches(self, path: str) -> bool:
        """Tell whether a document's path matches."""
        # Which numbers of names are used up after each part of the path.
        reached = self._skipping({0})
        for part in path.casefold().split("/"):
            reached = self._skipping(
                place + (self._names[place] != "**")
                for place in reached
                if place < len(self._names)
                and (self._names[place] == "**" or self._matches_name(part, self._names[place]))
            )
            if len(self._names) in reached:
                return True  # a folder, and so all in it
        return False

    def _skipping(self, places: Iterable[int]) -> set[int]:
        """Return places in the pattern, and those behind a ``**`` that stands for no folder."""
        found: set[int] = set()
        for place in places:
            found.add(place)
            while place < len(self._names) and self._names[place] == "**":
                place += 1
                found.add(place)
        return found


def _matches_name(part: str, name: str) -> bool:
    if _WILD & set(name):
        return fnmatchcase(part, name)
    return part == name or part.rpartition(".")[0] == name


def allows_path(conditions: Iterable[Condition], path: str) -> bool:
    """Tell whether conditions on paths leave a path: one of those wanted, none of those excluded.

    Args:
        conditions: Of any kind; others say nothing of a path.
        path: A document's.

    Returns:
        True if the document may be searched as far as its path goes.
    """
    found: dict[bool, list[bool]] = {False: [], True: []}
    for item in conditions:
        if item.kind == "path":
            found[item.excludes].append(PathPattern(item.value).matches(path))
    return (any(found[False]) or not found[False]) and not any(found[True])
