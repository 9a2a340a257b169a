"""GitHub's wikis: a page is a file in one folder, served by its name with hyphens for spaces."""

from __future__ import annotations


def served_path(path: str) -> str:
    """Return the path at which a page is served: with hyphens for spaces."""
    return path.replace(" ", "-")
