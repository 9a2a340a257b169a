"""Resolve the links of a corpus as editors and site generators do.

A link is resolved inside the indexed roots or not at all; an unresolved one is reported and makes
no edge. ``lookup.py`` finds where a link leads; this module records the outcome of all links.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.corpus.links.includes import Includes
from docsearch_cli.corpus.links.lookup import LinkLookup
from docsearch_cli.corpus.links.names import Target
from docsearch_cli.corpus.links.outcome import Outcome
from docsearch_cli.corpus.links.paths import LinkPaths
from docsearch_cli.corpus.links.targets import TargetIndex
from docsearch_cli.corpus.links.ways import WAYS, way_of
from docsearch_cli.models import Link

# Anchors that every page has (the second is Jekyll's), and fragments that are not anchors: text to
# highlight, routes of an application in the page, as those of an API's reference, tabs of DocFX,
# footnotes, which each tool calls something else.
_NO_ANCHOR = re.compile(
    r"(?:top|markdown-toc)?$|:~:|[/!]|(?:tab|tag|operation|section|schema|model|webhook)s?/"
    r"|(?:user-content-)?fn(?:ref)?(?:[:-]|\d)[\w:-]*$",
    re.IGNORECASE,
)

_UNKNOWN = frozenset(("generated", "elsewhere"))
_NOWHERE = frozenset(("missing", "outside", "label")) | _UNKNOWN


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """A link that leads to a document; repeated links are kept."""

    target: int
    """Number of the document."""
    section: int | None
    """Index among the target's sections, if the link names one that exists."""
    text: str
    line: int
    is_include: bool = False
    """Whether the target is part of the document."""


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link to something that is not in the corpus."""

    source_path: str
    line: int
    target: str
    reason: str
    """``missing``, ``outside`` (it leaves the roots), ``label`` (no such label) or ``anchor`` (the
    document exists, the place in it does not; a link to another document still makes an edge).
    Whether a link leads somewhere is not known if it is ``outside``, ``generated`` (the site's tool
    makes such pages) or ``elsewhere`` (in what another repository or a program puts there)."""
    way: str
    """How it is written, see ``ways.py``."""


@dataclass(frozen=True, slots=True)
class AmbiguousLink:
    """A link that may lead to several documents."""

    source_path: str
    line: int
    target: str
    chosen: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentLinks:
    """The outcome of every link of a document, in their order."""

    resolved: tuple[ResolvedLink, ...]
    broken: tuple[BrokenLink, ...]
    unknown: tuple[BrokenLink, ...]
    """Those into what is only there when the site has been built."""
    ambiguous: tuple[AmbiguousLink, ...]
    excused: tuple[BrokenLink, ...]
    """Links that would be broken or ambiguous if the document did not say that they may be."""
    external: int
    """Links that leave the corpus: web addresses, mail, scripts."""
    local: int
    """Links from the document to itself."""
    other: int
    """Links to files and folders of the corpus that are not documents."""
    ways: tuple[int, ...]
    """Of those that lead to something in the corpus, how many are written in each of ``WAYS``."""
    asked: frozenset[int]
    """Every name that was looked up: the outcomes stay the same until one is added or removed."""


@dataclass(slots=True)
class _Found:
    resolved: list[ResolvedLink] = field(default_factory=list)
    broken: list[BrokenLink] = field(default_factory=list)
    unknown: list[BrokenLink] = field(default_factory=list)
    ambiguous: list[AmbiguousLink] = field(default_factory=list)
    excused: list[BrokenLink] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)


class LinkResolver:
    """Resolves the links of a corpus.

    Args:
        index: Its documents and other files, by name.
        roots: Absolute path of each root, by name.
    """

    def __init__(self, index: TargetIndex, roots: Mapping[str, str]) -> None:
        self._index = index
        self._lookup = LinkLookup(index, LinkPaths(roots))
        self._includes = Includes(index, self._lookup.find_included)

    def resolve(self, number: int, links: Sequence[Link]) -> DocumentLinks:
        """Resolve the links of one document."""
        self._index.asked = set()
        document = self._index.targets[number]
        known: dict[tuple[str, str], Sequence[Outcome]] = {}
        found = _Found()
        for link in links:
            link = self._lookup.read(document, link)
            key = link.syntax, link.target
            outcomes = known.get(key)
            if outcomes is None:
                outcomes = known[key] = self._look_up(number, document, link)
            for outcome in outcomes:
                self._record(number, link, outcome, found)
        return DocumentLinks(
            resolved=tuple(found.resolved),
            broken=tuple(found.broken),
            unknown=tuple(found.unknown),
            ambiguous=tuple(found.ambiguous),
            excused=tuple(found.excused),
            external=found.counts["external"],
            local=found.counts["local"],
            other=found.counts["other"],
            ways=tuple(found.ways[way] for way in WAYS),
            asked=frozenset(self._index.asked),
        )

    def _look_up(self, number: int, document: Target, link: Link) -> Sequence[Outcome]:
        """Look up a link; if it leads nowhere, as one of the pages that include the document."""
        outcomes = self._lookup.look_up(document, link)
        if all(outcome.kind in _NOWHERE for outcome in outcomes):
            for page in self._includes.pages_of(number):
                others = self._lookup.look_up(self._index.targets[page], link)
                if any(outcome.kind not in _NOWHERE for outcome in others):
                    return others
                if any(outcome.kind in _UNKNOWN for outcome in others):
                    outcomes = others
        return outcomes

    def _record(self, source: int, link: Link, outcome: Outcome, found: _Found) -> None:
        path = self._index.targets[source].path
        if outcome.number is None:
            if outcome.kind in _NOWHERE:
                _report(
                    found,
                    link,
                    BrokenLink(path, link.line, link.target, outcome.kind, way_of(link)),
                )
            else:
                found.counts[outcome.kind] += 1
            if outcome.kind == "other":
                found.ways[way_of(link)] += 1
            if outcome.kind == "local":
                self._check_own_place(source, link, outcome.fragment, found)
            return
        target = self._index.targets[outcome.number]
        if len(outcome.candidates) > 1 and link.is_excused:
            found.excused.append(
                BrokenLink(path, link.line, link.target, "ambiguous", way_of(link))
            )
        elif len(outcome.candidates) > 1:
            paths = sorted(self._index.targets[number].path for number in outcome.candidates)
            found.ambiguous.append(
                AmbiguousLink(path, link.line, link.target, target.path, tuple(paths))
            )
        if outcome.number == source:
            found.counts["local"] += 1
            self._check_own_place(source, link, outcome.fragment, found)
            return
        section = None
        if outcome.fragment:
            section = self._index.find_section(outcome.number, outcome.fragment)
            if (
                section is None
                and not _NO_ANCHOR.match(outcome.fragment)
                and not self._includes.has_place(outcome.number, outcome.fragment)
            ):
                document = self._index.targets[source]
                served = self._lookup.served_with_place(document, link, outcome.fragment)
                if served is not None:
                    self._record(source, link, served, found)
                    return
                _report(found, link, BrokenLink(path, link.line, link.target, "anchor", "place"))
            else:
                found.ways["place"] += 1
        found.ways[way_of(link)] += 1
        is_include = link.syntax in ("include", "snippet")
        found.resolved.append(
            ResolvedLink(outcome.number, section, link.text, link.line, is_include)
        )

    def _check_own_place(self, source: int, link: Link, fragment: str, found: _Found) -> None:
        """Report a link to a place in its own document that does not exist."""
        document = self._index.targets[source]
        if not format_named(document.markup).has_all_anchors or _NO_ANCHOR.match(fragment):
            return
        if self._index.find_section(source, fragment) is None and not (
            self._includes.has_place(source, fragment) or self._is_place_of_a_page(source, fragment)
        ):
            _report(
                found, link, BrokenLink(document.path, link.line, link.target, "anchor", "place")
            )
        else:
            found.ways["place"] += 1

    def _is_place_of_a_page(self, number: int, fragment: str) -> bool:
        """Tell whether a page that includes a document has a place, itself or by its parts."""
        return any(
            self._index.find_section(page, fragment) is not None
            or self._includes.has_place(page, fragment)
            for page in self._includes.pages_of(number)
        )


def _report(found: _Found, link: Link, broken: BrokenLink) -> None:
    if broken.reason in _UNKNOWN:
        found.unknown.append(broken)
    else:
        (found.excused if link.is_excused else found.broken).append(broken)
