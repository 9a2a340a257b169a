"""Suffixes of files and addresses, as the table of formats has them."""

from __future__ import annotations

from functools import lru_cache

from docsearch_cli.corpus.formats import table
from docsearch_cli.corpus.gunzip import SUFFIX as GZIP

# Links repeat the paths of pages, and each table of names asks for those of all documents.
_PATHS_REMEMBERED = 20_000


def name_in(path: str) -> str:
    """Return the last part of a path."""
    return path.rstrip("/").rpartition("/")[2]


def suffix_of(path: str) -> str:
    """Return the suffix that decides a file's format, in lower case: ``.md``, ``.rst.txt``.

    Text that gzip packed has that behind it: ``.1.gz``.
    """
    name = name_in(path)
    dot = name.rfind(".")
    suffix = name[dot:].lower() if 0 < dot < len(name) - 1 else ""
    if suffix == GZIP:
        inner = suffix_of(path[: -len(GZIP)])
        form = table.TABLE.by_suffix.get(inner)
        return inner + GZIP if form is not None and not form.takes_bytes else suffix
    return kept_suffix(path) or suffix


def kept_suffix(path: str) -> str:
    """Return the suffix of a copy that Sphinx keeps of a source; empty for other files."""
    lower = path.lower()
    if not lower.endswith(table.TABLE.kept_suffixes):
        return ""
    return next(kept for kept in table.TABLE.kept_suffixes if lower.endswith(kept))


@lru_cache(maxsize=_PATHS_REMEMBERED)
def split_suffix(path: str) -> tuple[str, str]:
    """Split a path before a suffix that links leave out; any other one is part of the name.

    Args:
        path: A path, or an address in a link.

    Returns:
        The path without the suffix, and the suffix in lower case; empty if there is none.
    """
    stem, dot, suffix = path.rpartition(".")
    suffix = dot + suffix.lower()
    if suffix == ".txt":
        suffix = kept_suffix(path) or suffix
        stem = path[: -len(suffix)]
    if stem and not stem.endswith("/") and suffix in table.TABLE.rank_of_suffix:
        return stem, suffix
    return path, ""


def suffix_rank(suffix: str) -> int:
    """Return how early a link prefers a document of this suffix to one that differs in it alone."""
    ranks = table.TABLE.rank_of_suffix
    return ranks.get(suffix, len(ranks))
