"""Links that lead nowhere of which the folder alone cannot tell whether they are broken.

Single links that lead nowhere are broken. Many that are alike are more often meant in a way that is
not known here, or lead into what a build makes:

- a *way* of writing (``ways.py``) of which most links lead nowhere;
- a *folder* of which nothing is there: a program's reference, a part of a larger site;
- names that begin alike in a folder that has no page of this beginning.

What is called alike elsewhere was moved: links to where it was are broken. And where a table of
contents misses a page, so do links to it that may mean a page of another project.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.ways import WAYS
from docsearch_cli.corpus.naming import INDEX_NAMES, fold

UNREAD = "unread"
"""Reason of a link in a way of writing that is not understood."""
UNSEEN = "unseen"
"""Reason of a link into a folder, or to names of a beginning, of which nothing is there."""
_ELSEWHERE = "elsewhere"
_MISSING = "missing"
# As many different targets in one way of writing are a way that is not understood, if more of its
# links lead nowhere than somewhere. What the root of a site is, is often not known.
_FEWEST_TARGETS = 10
_FEWEST_FROM_ROOT = 4
# Ways that are understood: one means the same in every system, and the places of a page are known.
_KNOWN = ("file", "place")
# A page that is all wrong is a page with faults.
_FEWEST_SOURCES = 3
# As many different targets in a folder of which nothing is there, from as many pages, are more than
# a page that was deleted. Names that begin alike, and addresses from the root, say less.
_FEWEST_IN_FOLDER = (3, 2)
_FEWEST_ALIKE = (5, 3)
# Pages of a folder that a name may be a typo of; some kilobytes are kept of each.
_MOST_COMPARED = 10_000
# A longer name is no typo of another.
_MOST_NAME_CHARS = 60
_BEGINNING = re.compile(r"[a-z][a-z0-9]*(?=[-_.])")
_NUMBERED = re.compile(r"\d+[-_.]+(?=\D)")

_Links = list[dict[str, Any]]


@dataclass(frozen=True)
class Surroundings:
    """What links that lead nowhere are judged by."""

    paths: Sequence[str]
    """Of the documents."""
    markups: Sequence[int] | NDArray[np.integer[Any]]
    """Number of each document's format."""
    ways: NDArray[np.int32]
    """How many links of each lead to something: (n_documents, n_ways)."""
    is_divided: bool
    """Whether paths begin with the names of roots."""
    left_out: Callable[[], Iterable[str]]
    """Returns the paths of what is no document."""

    @cached_property
    def stems(self) -> frozenset[str]:
        """Paths of documents without suffix, folded."""
        return frozenset(fold(split_suffix(path)[0]) for path in self.paths)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of documents without suffix, as they are and without the number in front."""
        return _names_of(self.stems)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Folders of documents and of other files, folded."""
        found = {""}
        for path in (*self.stems, *map(fold, self.left_out())):
            folder = path.rpartition("/")[0]
            while folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def names_of_folders(self) -> frozenset[str]:
        """Names of folders, as they are and without the number in front."""
        return _names_of(self.folders)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """How the paths of documents begin, up to the first word of their names."""
        return frozenset(filter(None, map(_beginning_of, self.stems)))

    @cached_property
    def _stems_in(self) -> dict[str, list[str]]:
        """Paths of documents without suffix, folded, by folder."""
        found: dict[str, list[str]] = {}
        for stem in self.stems:
            found.setdefault(stem.rpartition("/")[0], []).append(stem)
        return found

    @cached_property
    def _nearly_in(self) -> dict[str, frozenset[str]]:
        """By folder, as far as was asked: what is left of paths without a character."""
        return {}

    def is_nearly_there(self, page: str) -> bool:
        """Tell whether the name of a page differs by one character from one in its folder.

        Not in a folder of very many, where the names of pages are alike.
        """
        page = fold(page)
        folder = page.rpartition("/")[0]
        if folder not in self._nearly_in:
            stems = self._stems_in.get(folder, ())
            near = (each for stem in stems for each in _without_a_character(stem))
            is_few = len(stems) <= _MOST_COMPARED
            self._nearly_in[folder] = frozenset(near) if is_few else frozenset()
        return not self._nearly_in[folder].isdisjoint(_without_a_character(page))

    def root_of(self, path: str) -> str:
        """Return the root that a document is in; empty if there is only one."""
        return path.partition("/")[0] if self.is_divided else ""

    def has_any_of(self, group: str) -> bool:
        """Tell whether anything is there of what links of one group lead to."""
        if group.startswith("/"):
            return group[1:] in self.names_of_folders or group[1:] in self.names
        return not group.endswith("/") and group in self.beginnings


def judge(report: dict[str, Any], around: Surroundings) -> None:
    """Move links of a report that are not known to be broken to the unknown ones, and back.

    Args:
        report: Links by kind, ``broken`` and ``unknown`` among them; changed in place.
        around: What they are judged by.
    """
    if not (report["broken"] or report["unknown"]):
        return
    _take_back(report, around)
    broken: _Links = report["broken"]
    reasons: dict[int, str] = {}
    for reason, groups in ((UNREAD, _unread(broken, around)), (UNSEEN, _unseen(broken, around))):
        for places in groups:
            reasons |= {place: reason for place in places if place not in reasons}
    report["broken"] = [link for place, link in enumerate(broken) if place not in reasons]
    report["unknown"] += [{**broken[place], "reason": reasons[place]} for place in sorted(reasons)]


def _take_back(report: dict[str, Any], around: Surroundings) -> None:
    """Move links to pages that a table of contents misses to the broken ones, and mistyped ones."""
    missed = {
        _joined(link["source_path"], link["target"])
        for link in report["broken"]
        if link["way"] == "name" and link["reason"] == _MISSING
    }
    back = []
    for link in report["unknown"]:
        if link["way"] == "name" and link["reason"] == _ELSEWHERE:
            page = _joined(link["source_path"], link["target"])
            if page in missed or around.is_nearly_there(page):
                back.append(link)
    if back:
        taken = set(map(id, back))
        report["unknown"] = [link for link in report["unknown"] if id(link) not in taken]
        report["broken"] = sorted(
            (*report["broken"], *({**link, "reason": _MISSING} for link in back)),
            key=lambda link: (link["source_path"], link["line"]),
        )


def _names_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the last parts of paths, each as it is and without the number in front."""
    names = {path.rpartition("/")[2] for path in paths}
    return frozenset(names | {_NUMBERED.sub("", name, count=1) for name in names})


def _without_a_character(stem: str) -> Iterator[str]:
    """Yield a path, and each that is left of it without one character of its name."""
    folder, slash, name = stem.rpartition("/")
    yield stem
    if len(name) <= _MOST_NAME_CHARS:
        yield from (f"{folder}{slash}{name[:at]}{name[at + 1 :]}" for at in range(len(name)))


def _joined(source: str, target: str) -> str:
    folder = "" if target.startswith("/") else posixpath.dirname(source)
    return posixpath.normpath(posixpath.join(folder, target.lstrip("/")))


def _unread(broken: _Links, around: Surroundings) -> Iterator[list[int]]:
    """Yield the links in each way of writing of one format that mostly leads nowhere."""
    if len(broken) < _FEWEST_FROM_ROOT:
        return
    numbers = {path: number for number, path in enumerate(around.paths)}
    led: Counter[tuple[str, int, str]] = Counter()
    for document, way in zip(*np.nonzero(around.ways), strict=True):
        key = around.root_of(around.paths[document]), int(around.markups[document]), WAYS[way]
        led[key] += int(around.ways[document, way])
    groups: dict[tuple[str, int, str], list[int]] = {}
    for place, link in enumerate(broken):
        source = link["source_path"]
        key = around.root_of(source), int(around.markups[numbers[source]]), link["way"]
        groups.setdefault(key, []).append(place)
    for key, places in groups.items():
        targets = {broken[place]["target"] for place in places}
        fewest = _FEWEST_FROM_ROOT if key[2] == "root" else _FEWEST_TARGETS
        is_spread = len(targets) >= fewest
        is_spread = is_spread and _sources(broken, places) >= _FEWEST_SOURCES
        if key[2] not in _KNOWN and is_spread and len(places) > led[key]:
            yield places


def _unseen(broken: _Links, around: Surroundings) -> Iterator[list[int]]:
    """Yield the links into each folder, and to names of each beginning, of which there is none."""
    groups: dict[str, dict[int, str]] = {}
    for place, link in enumerate(broken):
        target = _path_of(link) if link["reason"] == _MISSING else ""
        for group in (_folder_of(target, around), _beginning_of(target)) if target else ():
            groups.setdefault(group, {})[place] = target
    for group, paths in groups.items():
        targets, sources = _FEWEST_IN_FOLDER if group.endswith("/") else _FEWEST_ALIKE
        if (
            group
            and len(set(paths.values())) >= targets
            and _sources(broken, paths) >= sources
            and not around.has_any_of(group)
            and not _are_moved(set(paths.values()), around)
        ):
            yield list(paths)


def _sources(broken: _Links, places: Iterable[int]) -> int:
    return len({broken[place]["source_path"] for place in places})


def _path_of(link: dict[str, Any]) -> str:
    """Return the path of a link's target without suffix, folded; empty if it is no path.

    It begins with a slash where the target does.
    """
    target = unquote(link["target"].partition("#")[0].partition("?")[0]).strip()
    if link["way"] not in ("file", "route", "root") or "\\" in target or "://" in target:
        return ""
    stem = fold(split_suffix(target.rstrip("/"))[0])
    if link["way"] == "root":
        return posixpath.normpath(f"/{stem.lstrip('/')}")
    return posixpath.normpath(posixpath.join(fold(posixpath.dirname(link["source_path"])), stem))


def _folder_of(path: str, around: Surroundings) -> str:
    """Return the topmost folder of a path that is not there, with a slash at its end.

    Of an address from the root, ``/`` and its first folder: what the root is, is not known.
    """
    folder = path.rpartition("/")[0]
    if path.startswith("/"):
        return f"/{path.split('/')[1]}" if folder else ""
    above = folder
    while above and above not in around.folders:
        folder, above = above, above.rpartition("/")[0]
    return f"{folder}/" if folder not in around.folders else ""


def _beginning_of(path: str) -> str:
    """Return a path up to the first word of its name; empty if its name has one alone."""
    folder, slash, name = path.rpartition("/")
    found = None if path.startswith("/") else _BEGINNING.match(name)
    return "" if found is None else f"{folder}{slash}{found[0]}"


def _are_moved(paths: Iterable[str], around: Surroundings) -> bool:
    """Tell whether most of some pages have the names of pages elsewhere."""
    names = [path.rpartition("/")[2] for path in paths]
    names = [name for name in names if name not in INDEX_NAMES]
    moved = sum(name in around.names for name in names)
    return moved > len(names) / 2
