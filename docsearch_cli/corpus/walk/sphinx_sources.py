"""Copies: the sources that Sphinx keeps, below a folder ``_sources``, of the pages that it makes.

Where the page is there too, its source would say everything twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from docsearch_cli.corpus.formats.suffixes import kept_suffix

_FOLDER = "/_sources/"


def pages_made_of(location: str) -> Iterator[str]:
    """Yield where the page may be that was made of a kept source.

    Args:
        location: Absolute path of any file.

    Yields:
        Absolute paths, those of Sphinx's two ways to lay out its pages; none if the file is no kept
        source.
    """
    if _FOLDER not in location:
        return
    suffix = kept_suffix(location)
    if not suffix:
        return
    parts = location[: -len(suffix)].split(_FOLDER)
    for place in range(1, len(parts)):
        stem = f"{_FOLDER.join(parts[:place])}/{_FOLDER.join(parts[place:])}"
        yield f"{stem}.html"
        yield f"{stem}/index.html"
