"""The links of an index that lead nowhere, out of its folders, or to one of several documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import damaged, load_values
from docsearch_cli.corpus.links.ways import WAYS
from docsearch_cli.files import read_file

_FILE = "links.json"
_COUNTED = ("resolved", "external", "local", "other")
COUNTS = len(_COUNTED) + len(WAYS)
"""Numbers of links that are kept for each document."""

REPORTED = ("broken", "ambiguous", "outside", "unknown", "excused")
"""Kinds of links that are listed one by one. Whether one that leads outside is broken is not known,
nor whether one of the fourth kind is, which leads into what is not in the folder before the site is
built; an excused one is broken or ambiguous, and its page says that it may be."""


def save_link_report(folder: Path, links: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    """Write the links of each kind of ``REPORTED``, in the order given."""
    text = json.dumps({kind: links[kind] for kind in REPORTED}, ensure_ascii=False)
    (folder / _FILE).write_bytes(text.encode("utf-8", "replace"))


def read_link_report(folder: Path) -> dict[str, Any]:
    """Return how many links there are of each kind, and which are broken or ambiguous.

    Args:
        folder: The generation's folder.

    Returns:
        Numbers of ``resolved``, ``external``, ``local`` and ``other`` links; a list for each kind
        of ``REPORTED``.

    Raises:
        IndexCorruptError: If a file is missing or damaged.
    """
    path = folder / _FILE
    try:
        loaded: dict[str, Any] = json.loads(read_file(path))
    except (OSError, ValueError) as error:
        raise damaged(path, error) from error
    totals = _counts(folder)[:, : len(_COUNTED)].sum(axis=0, dtype=np.int64).tolist()
    return {**dict(zip(_COUNTED, totals, strict=True)), **loaded}


def links_by_way(folder: Path) -> NDArray[np.int32]:
    """Return how many links of each document lead to something, by how they are written.

    Args:
        folder: The generation's folder.

    Returns:
        The numbers: (n_documents, n_ways).

    Raises:
        IndexCorruptError: If the file is missing or damaged.
    """
    return ways_in(_counts(folder))


def ways_in(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the part of the numbers of links of documents that is by how they are written."""
    return counts[:, len(_COUNTED) :]


def _counts(folder: Path) -> NDArray[np.int32]:
    return load_values(folder, "links.counts", np.int32, (None, COUNTS))
