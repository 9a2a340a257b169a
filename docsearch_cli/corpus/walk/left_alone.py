"""Paths that git leaves out of a working tree: what builds make, and what other repositories hold.

The row of a ``.gitignore`` in the ledger names what it tells git to leave alone, that of a
``.gitmodules`` the submodules of which nothing is there, in words that a person reads too:

    git leaves alone: docs/api, generated
    not checked out: vendor/loom
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from docsearch_cli.environment import raise_if_starved

GIT_IGNORE = ".gitignore"
GIT_MODULES = ".gitmodules"
_WORDS = {GIT_IGNORE: "git leaves alone: ", GIT_MODULES: "not checked out: "}
# A file of more is not one that a person wrote.
_MOST_WORDS_CHARS = 4000
_MOST_MODULES_BYTES = 100_000
_MODULE = re.compile(rb"^[ \t]*path[ \t]*=[ \t]*([\w./-]{1,300})[ \t]*\r?$", re.MULTILINE)


def in_words(paths: Iterable[str], name: str = GIT_IGNORE) -> str:
    """Return the paths that a file of git's names in words; empty if there are none."""
    words = ", ".join(dict.fromkeys(paths))[:_MOST_WORDS_CHARS]
    return f"{_WORDS[name]}{words}" if words else ""


def missing_modules(file: str) -> Iterator[str]:
    """Yield the submodules of which nothing is in the working tree.

    Args:
        file: The location of a ``.gitmodules``.

    Yields:
        Their paths, as the file's folder sees them.
    """
    try:
        if not os.path.isfile(file) or os.path.islink(file):  # noqa: PTH113, PTH114 - a pipe blocks
            return
        with open(file, "rb") as stream:  # noqa: PTH123 - names need not be UTF-8
            text = stream.read(_MOST_MODULES_BYTES)
    except OSError as error:
        raise_if_starved(error, file)
        return
    for found in _MODULE.findall(text):
        path = found.decode("ascii").strip("/")
        if path and ".." not in path.split("/") and not _has_entries(file, path):
            yield path


def _has_entries(file: str, path: str) -> bool:
    try:
        with os.scandir(os.path.join(os.path.dirname(file), path)) as entries:  # noqa: PTH118, PTH120
            return next(entries, None) is not None
    except OSError:
        return False


def from_words(path: str, detail: str) -> Iterator[str]:
    """Yield the paths that the ledger row of a ``.gitignore`` or ``.gitmodules`` names.

    Args:
        path: The file.
        detail: The row's detail.

    Yields:
        Paths of the corpus, each as a file and, with a ``/`` at its end, as a folder with all that
        is below; one that ends in ``*`` stands for all that begin so.
    """
    folder, _, name = path.rpartition("/")
    words = _WORDS.get(name)
    if words is not None and detail.startswith(words):
        for left_alone in detail.removeprefix(words).split(", "):
            whole = f"{folder}/{left_alone}" if folder else left_alone
            begin, star, _ = whole.partition("*")
            yield from (f"{begin}*",) if star else (whole, f"{whole}/")
