"""The git working tree around a folder, and its ignore files above the folder."""

from __future__ import annotations

import os
from dataclasses import dataclass

_GIT = ".git"
GIT_EXCLUDE = ".git/info/exclude"
"""Patterns of one clone, relative to the working tree's top."""
GIT_IGNORE = ".gitignore"


@dataclass(frozen=True, slots=True)
class GitFile:
    """A file that may hold patterns; it need not exist."""

    location: str
    """Absolute."""
    depth: int
    """Depth of the folder it applies to: 0 for the working tree's top."""
    name: str
    """``.gitignore``, or ``.git/info/exclude``."""


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """A folder's position in its working tree."""

    parts: tuple[str, ...] = ()
    """Names from below the top to the folder; none if it is the top."""
    files: tuple[GitFile, ...] = ()
    """The files above the folder that apply to it, in ascending precedence."""


def find_working_tree(folder: str) -> WorkingTree:
    """Find the working tree that a folder lies in, as git does: the nearest one.

    No file is opened. In a submodule or an additional working tree ``.git`` is a file, which is
    not followed, so there is no ``.git/info/exclude``.

    Args:
        folder: Its real path.

    Returns:
        Its position; an empty one if neither the folder nor one above it has ``.git``.
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
