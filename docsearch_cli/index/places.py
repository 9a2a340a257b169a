"""Where the roots of an index are: stored as seen from the folder that holds the index.

So an index that is copied or moved together with its folder finds its documents at their new place,
and is the same bytes. A root that neither lies in that folder nor holds it is stored by its
absolute path.
"""

from __future__ import annotations

import os
from pathlib import Path


def holder_of(generation: Path) -> str:
    """Return the folder that holds the ``.docsearch`` of a generation, or of its stats."""
    return holder_of_home(generation.parent.parent)


def holder_of_home(home: Path) -> str:
    """Return the folder that holds a ``.docsearch``, without links on the way."""
    return os.path.dirname(os.path.realpath(home))  # noqa: PTH120  thousands a second, not needed


def stored_path(path: str, holder: str) -> str:
    """Return a path as an index stores it.

    Args:
        path: Absolute.
        holder: The folder that holds the index.

    Returns:
        Relative to the holder if it is the holder, lies in it or is a folder around it.
    """
    if path == os.sep or holder == os.sep:
        return path
    if path == holder or path.startswith(f"{holder}/"):
        return path[len(holder) + 1 :] or "."
    if holder.startswith(f"{path}/"):
        return "/".join([".."] * holder[len(path) :].count("/"))
    return path


def absolute_path(stored: str, holder: str) -> str:
    """Return the path that an index stores for something.

    Args:
        stored: As ``stored_path`` gave it, or a stranger wrote it.
        holder: The folder that holds the index.

    Returns:
        The absolute path.
    """
    return os.path.normpath(f"{holder}/{stored}") if not stored.startswith("/") else stored
