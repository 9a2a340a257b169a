"""The links of an index as a check: what was found, without what a person allows.

What is allowed stands in files named ``.docsearchlinks``, one in each indexed folder: a pattern a
line for the targets of links as they are written, or ``page -> target`` with a pattern for each.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from docsearch_cli.errors import ConfigError
from docsearch_cli.files import opened_file
from docsearch_cli.index.link_report import REPORTED, links_by_way, read_link_report
from docsearch_cli.index.manifest import Root
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.sites import left_out_of
from docsearch_cli.index.unread_links import Surroundings, judge

EXCEPTIONS_NAME = ".docsearchlinks"
_MOST_BYTES = 1_000_000
_ARROW = " -> "
# On fewer pages the same target is one that people wrote; more have it from a template.
_FEWEST_PAGES = 10
_UPWARDS = re.compile(r"(?:\./)*\.\./")

_Allowed = tuple[re.Pattern[str], re.Pattern[str]]
"""Patterns of a page's path and of a target."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of links, and how many have it: a footer is on every page, and mended once."""

    link: dict[str, Any]
    """The first of them."""
    links: int
    pages: int
    """How many have such links."""


def findings_of(links: Sequence[dict[str, Any]]) -> list[Finding]:
    """Return the findings in reported links of one kind.

    Args:
        links: The links, in their order.

    Returns:
        One for all links to the same target where many pages have one, as it is written, or the
        same place if it goes upwards; else one for each link. In the order of their first links.
    """
    alike: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for link in links:
        alike.setdefault(_alike(link), []).append(link)
    pages = {key: len({link["source_path"] for link in group}) for key, group in alike.items()}
    findings: list[Finding] = []
    for link in links:
        key = _alike(link)
        if pages[key] < _FEWEST_PAGES:
            findings.append(Finding(link, 1, 1))
        elif link is alike[key][0]:
            findings.append(Finding(link, len(alike[key]), pages[key]))
    return findings


def _alike(link: dict[str, Any]) -> tuple[str, str, str]:
    reason, chosen = str(link.get("reason", "")), str(link.get("chosen", ""))
    target: str = link["target"]
    if _UPWARDS.match(target):  # the same from pages of other folders
        folder = posixpath.dirname(link["source_path"])
        target = posixpath.normpath(posixpath.join(folder, target))
    return target, reason, chosen


def check_links(reader: IndexReader) -> dict[str, Any]:
    """Return what became of the links of an index.

    Args:
        reader: The index.

    Returns:
        The report of ``read_link_report``, what is allowed moved to ``excused``, what is not known
        to be broken to ``unknown`` (see ``unread_links.py``), the nodes
        without an edge as ``orphans``, and as ``repeated`` the faults that many pages have, each
        with its kind, how many links and pages have it, and the first of these.

    Raises:
        ConfigError: If a file of exceptions cannot be read.
    """
    report = read_link_report(reader.folder)
    judge(report, _surroundings(reader))
    allowed = [pattern for root in reader.roots for pattern in _patterns_of(root)]
    if allowed:
        for kind in REPORTED:
            if kind != "excused":
                report[kind], excused = _parted(report[kind], allowed)
                report["excused"] += excused
    repeated = [
        {"kind": kind, "links": found.links, "pages": found.pages, "first": found.link}
        for kind in REPORTED
        for found in findings_of(report[kind])
        if found.pages > 1
    ]
    return {**report, "repeated": repeated, "orphans": orphans_of(reader)}


def _surroundings(reader: IndexReader) -> Surroundings:
    return Surroundings(
        paths=[reader.paths[number] for number in range(len(reader.paths))],
        markups=reader.markups,
        ways=links_by_way(reader.folder),
        is_divided=len(reader.roots) > 1,
        left_out=lambda: (path for path, _ in left_out_of(reader)),
    )


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
