"""The links of an index as a check: what was found, without what a person allows.

What is allowed stands in files named ``.docsearchlinks``, one in each indexed folder: a pattern a
line for the targets of links as they are written, or ``page -> target`` with a pattern for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from docsearch_cli.errors import ConfigError
from docsearch_cli.files import opened_file
from docsearch_cli.index.link_report import REPORTED, read_link_report
from docsearch_cli.index.manifest import Root
from docsearch_cli.index.reader import IndexReader

EXCEPTIONS_NAME = ".docsearchlinks"
_MOST_BYTES = 1_000_000
_ARROW = " -> "

_Allowed = tuple[re.Pattern[str], re.Pattern[str]]
"""Patterns of a page's path and of a target."""


def check_links(reader: IndexReader) -> dict[str, Any]:
    """Return what became of the links of an index.

    Args:
        reader: The index.

    Returns:
        The report of ``read_link_report``, what is allowed moved to ``excused``, and the nodes
        without an edge as ``orphans``.

    Raises:
        ConfigError: If a file of exceptions cannot be read.
    """
    report = read_link_report(reader.folder)
    allowed = [pattern for root in reader.roots for pattern in _patterns_of(root)]
    if allowed:
        for kind in REPORTED:
            if kind != "excused":
                report[kind], excused = _parted(report[kind], allowed)
                report["excused"] += excused
    return {**report, "orphans": orphans_of(reader)}


def orphans_of(reader: IndexReader) -> list[str]:
    """Return the ids of the nodes that no edge touches, sorted."""
    graph = reader.graph
    sources = graph.sources_of(np.arange(len(graph.targets)))
    is_touched = np.zeros(reader.node_count, np.bool_)
    is_touched[sources] = True
    is_touched[graph.targets] = True
    return sorted(reader.node_id(row) for row in np.flatnonzero(~is_touched).tolist())


def _parted(
    links: Sequence[dict[str, Any]], allowed: Sequence[_Allowed]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    kept: list[dict[str, Any]] = []
    excused: list[dict[str, Any]] = []
    for link in links:
        is_allowed = any(
            page.fullmatch(link["source_path"]) and target.fullmatch(link["target"])
            for page, target in allowed
        )
        (excused if is_allowed else kept).append(link)
    return kept, excused


def _patterns_of(root: Root) -> Iterator[_Allowed]:
    """Yield the exceptions of an indexed folder; pages are named as in it."""
    path = Path(root.path) / EXCEPTIONS_NAME
    try:
        with opened_file(str(path), follow=True) as handle:
            text = handle.read(_MOST_BYTES + 1).decode("utf-8")
        if len(text) > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}", hint="correct the file or remove it"
        ) from error
    prefix = re.escape(f"{root.name}/") if root.name else ""
    for line in text.splitlines():
        line = line.strip()
        if line and not line.startswith("# ") and line != "#":
            page, arrow, target = line.partition(_ARROW)
            page, target = (page.strip(), target.strip()) if arrow else ("*", line)
            yield re.compile(prefix + _expression(page)), re.compile(_expression(target))


def _expression(pattern: str) -> str:
    """Return the expression of a pattern, in which ``*`` stands for anything.

    The expression takes linear time: it never goes back behind a piece that it has found.
    """
    first, *rest = pattern.split("*")
    expression = re.escape(first)
    for place, piece in enumerate(rest, start=1):
        if place == len(rest):
            expression += "(?s:.*)" + re.escape(piece)
        else:
            expression += f"(?>(?s:.*?){re.escape(piece)})"
    return expression
