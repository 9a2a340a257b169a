"""Paths that git is told to leave alone: builds make them, so before a build they are not there.

The row of a ``.gitignore`` in the ledger names them, in words that a person reads too:

    git leaves alone: docs/api, generated
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

GIT_IGNORE = ".gitignore"
_WORDS = "git leaves alone: "
# A file of more is not one that a person wrote.
_MOST_WORDS_CHARS = 4000


def in_words(paths: Iterable[str]) -> str:
    """Return the paths in words; empty if there are none."""
    words = ", ".join(dict.fromkeys(paths))[:_MOST_WORDS_CHARS]
    return f"{_WORDS}{words}" if words else ""


def from_words(path: str, detail: str) -> Iterator[str]:
    """Yield the paths that the ledger row of a ``.gitignore`` names.

    Args:
        path: The file.
        detail: The row's detail.

    Yields:
        Paths of the corpus, each as a file and, with a ``/`` at its end, as a folder with all that
        is below; one that ends in ``*`` stands for all that begin so.
    """
    folder, _, name = path.rpartition("/")
    if name == GIT_IGNORE and detail.startswith(_WORDS):
        for left_alone in detail.removeprefix(_WORDS).split(", "):
            whole = f"{folder}/{left_alone}" if folder else left_alone
            begin, star, _ = whole.partition("*")
            yield from (f"{begin}*",) if star else (whole, f"{whole}/")
