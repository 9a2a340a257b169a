"""The git working tree that a folder lies in, and the ignore files that it has above the folder."""

from __future__ import annotations

import os
from dataclasses import dataclass

_GIT = ".git"
GIT_EXCLUDE = ".git/info/exclude"
"""Patterns of one clone, relative to the working tree's top."""
GIT_IGNORE = ".gitignore"


@dataclass(frozen=True, slots=True)
class GitFile:
    """A file that may hold patterns; it need not be there."""

    location: str
    """Absolute."""
    depth: int
    """Of the folder it holds for: 0 for the working tree's top."""
    name: str
    """``.gitignore``, or ``.git/info/exclude``."""


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """Where a folder lies in its working tree."""

    parts: tuple[str, ...] = ()
    """Names from below the top to the folder; none if it is the top."""
    files: tuple[GitFile, ...] = ()
    """What holds for the folder from above it, the one that has the last word last."""


def find_working_tree(folder: str) -> WorkingTree:
    """Find the working tree that a folder lies in, as git does: the nearest one.

    Nothing is opened. In a submodule or a further working tree ``.git`` is a file, and there is no
    ``.git/info/exclude``: where it leads to is not followed.

    Args:
        folder: Its real path.

    Returns:
        Its place; an empty one if neither the folder nor one above it holds ``.git``.
    """
    top, parts = folder, []
    while not _is_top(top):
        above, name = os.path.split(top)
        if above == top:
            return WorkingTree()
        top = above
        parts.append(name)
    parts.reverse()
    files = [GitFile(os.path.join(top, GIT_EXCLUDE), 0, GIT_EXCLUDE)]  # noqa: PTH118 - as below
    directory = top
    for depth, name in enumerate(parts):
        file = os.path.join(directory, GIT_IGNORE)  # noqa: PTH118 - a name may be no UTF-8
        files.append(GitFile(file, depth, GIT_IGNORE))
        directory = os.path.join(directory, name)  # noqa: PTH118
    return WorkingTree(tuple(parts), tuple(files))


def _is_top(folder: str) -> bool:
    git = os.path.join(folder, _GIT)  # noqa: PTH118
    return os.path.isdir(git) or os.path.isfile(git)  # noqa: PTH112, PTH113
