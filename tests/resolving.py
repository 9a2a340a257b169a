"""Resolves the links of whole documents, without an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.links.resolver import AmbiguousLink, BrokenLink, LinkResolver
from docsearch_cli.corpus.links.targets import TargetIndex
from docsearch_cli.corpus.systems.detection import DetectedSystems
from docsearch_cli.models import Document


class DocumentTarget:
    """A document as links find it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def __getattr__(self, name: str) -> object:
        return getattr(self._document, name)

    @cached_property
    def headings(self) -> list[str]:
        return [section.heading for section in self._document.sections]

    @cached_property
    def anchors(self) -> AnchorTable:
        return AnchorTable.of(self._document.sections)


@dataclass(frozen=True)
class ResolvedLink:
    source_path: str
    target_path: str
    target_section: int | None
    text: str
    line: int


@dataclass(frozen=True)
class LinkReport:
    edges: tuple[ResolvedLink, ...]
    broken: tuple[BrokenLink, ...]
    ambiguous: tuple[AmbiguousLink, ...]
    external: int
    local: int
    other: int
    unknown: tuple[BrokenLink, ...] = ()


def resolve_links(
    documents: Sequence[Document],
    *,
    other_files: frozenset[str] = frozenset(),
    roots: Mapping[str, str] | None = None,
    systems: DetectedSystems | None = None,
) -> LinkReport:
    """Return what became of every link, in the order of the documents."""
    names = [DocumentTarget(document) for document in documents]
    targets = TargetIndex(names, other_files, systems)
    resolver = LinkResolver(targets, roots or {})
    found = [resolver.resolve(row, document.links) for row, document in enumerate(documents)]
    return LinkReport(
        edges=tuple(
            ResolvedLink(
                document.path, documents[link.target].path, link.section, link.text, link.line
            )
            for document, links in zip(documents, found, strict=True)
            for link in links.resolved
        ),
        broken=tuple(link for links in found for link in links.broken),
        unknown=tuple(link for links in found for link in links.unknown),
        ambiguous=tuple(link for links in found for link in links.ambiguous),
        external=sum(links.external for links in found),
        local=sum(links.local for links in found),
        other=sum(links.other for links in found),
    )
