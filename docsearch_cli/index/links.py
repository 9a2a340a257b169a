"""The links of an index: what they lead to, and the names that they were looked up by.

The names (``asked``) say which documents' links a change of another document may affect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import save_array, save_starts, starts_of
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.links.resolver import DocumentLinks, LinkResolver
from docsearch_cli.corpus.links.targets import TargetIndex
from docsearch_cli.corpus.systems.detection import DetectedSystems
from docsearch_cli.graph.edges import Edge
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.index.link_report import COUNTS, REPORTED, read_link_report, save_link_report
from docsearch_cli.index.merge import Arrangement
from docsearch_cli.index.sources import DocumentSource, EarlierIndex, Sources, cut_texts
from docsearch_cli.models import Markup


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A document of the new index, as links find it."""

    row: DocumentRow
    source: DocumentSource
    number: int
    """Its number in the source."""

    @property
    def path(self) -> str:
        """Its path."""
        return self.row.path

    @property
    def title(self) -> str:
        """Its title."""
        return self.row.title

    @property
    def aliases(self) -> Sequence[str]:
        """Other titles."""
        return self.row.aliases

    @property
    def labels(self) -> Sequence[str]:
        """Names by which it is referred to without a path."""
        return self.row.labels

    @property
    def markup(self) -> Markup:
        """Its format."""
        return self.row.markup

    @property
    def routes(self) -> Sequence[str]:
        """Addresses at which a site serves it."""
        return self.row.routes

    @property
    def includes(self) -> Sequence[str]:
        """Addresses of the files that are part of it."""
        return self.row.includes

    @property
    def headings(self) -> Sequence[str]:
        """Headings of its sections."""
        first, end = self.source.section_starts[[self.number, self.number + 1]].tolist()
        return list(cut_texts(*self.source.headings(first, end)))

    @property
    def anchors(self) -> AnchorTable:
        """The places in it that links point to."""
        return self.source.anchors(self.number)


@dataclass(slots=True)
class LinkFacts:
    """What became of the links of a corpus.

    Shapes:
        counts: (n_documents, 9) int32: resolved, external, local, other, and by ``WAYS`` those
            that lead to something.
    """

    counts: NDArray[np.int32]
    asked: list[NDArray[np.uint32]]
    """Keys of the names that each document's links were looked up by, ascending."""
    reported: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {kind: [] for kind in REPORTED}
    )
    """See ``link_report.py``."""
    edges: list[Edge] = field(default_factory=list)
    """Of the documents that were read; those of kept ones are in the earlier index."""


def resolve_links(
    arrangement: Arrangement,
    sources: Sources,
    other_files: Iterable[str],
    roots: Mapping[str, str],
    systems: DetectedSystems,
) -> LinkFacts:
    """Resolve the links of the documents that were read, and take over those of the others.

    Args:
        arrangement: The documents.
        sources: Where they come from.
        other_files: Paths that exist but are no documents.
        roots: Absolute path of each root, by name.
        systems: The sites among the documents.

    Returns:
        The links; reports in the order of documents.
    """
    facts = LinkFacts(
        counts=np.zeros((len(arrangement.documents), COUNTS), np.int32),
        asked=[np.zeros(0, np.uint32)] * len(arrangement.documents),
    )
    targets = [
        LinkTarget(document, stretch.source, number)
        for stretch in arrangement.stretches
        for number in range(stretch.first, stretch.end)
        for document in [stretch.source.documents[number]]
    ]
    resolver: LinkResolver | None = None
    if sources.earlier is not None:
        _take_over(facts, sources.earlier, arrangement.rows_of(sources.earlier))
    for batch in sources.batches:
        for number, row in enumerate(arrangement.rows_of(batch).tolist()):
            links = batch.batch.extracts[number].links
            if row >= 0 and links:
                resolver = resolver or LinkResolver(
                    TargetIndex(targets, other_files, systems), roots
                )
                found = resolver.resolve(row, links)
                _add(facts, arrangement, row, found, batch.node_ends(number))
    row_of = arrangement.row_of
    for reported in facts.reported.values():
        reported.sort(key=lambda link: row_of[link["source_path"]])
    return facts


def _add(
    facts: LinkFacts,
    arrangement: Arrangement,
    row: int,
    found: DocumentLinks,
    ends: NDArray[np.int32],
) -> None:
    facts.counts[row] = (
        *(len(found.resolved), found.external, found.local, found.other),
        *found.ways,
    )
    facts.asked[row] = np.sort(np.fromiter(found.asked, np.uint32, len(found.asked)))
    for broken in found.broken:
        facts.reported["outside" if broken.reason == "outside" else "broken"].append(asdict(broken))
    facts.reported["unknown"].extend(map(asdict, found.unknown))
    facts.reported["ambiguous"].extend(map(asdict, found.ambiguous))
    facts.reported["excused"].extend(map(asdict, found.excused))
    for link in found.resolved:
        source = int(np.searchsorted(ends, link.line)) if len(ends) else 0
        target = int(arrangement.node_starts[link.target])
        if link.section is not None:
            starts = arrangement.documents[link.target].node_starts
            target += int(np.searchsorted(starts, link.section, side="right")) - 1
        edge = Edge(
            int(arrangement.node_starts[row]) + source,
            target,
            "include" if link.is_include else "link",
            line=link.line,
            text=link.text,
        )
        facts.edges.append(edge)


def _take_over(facts: LinkFacts, earlier: EarlierIndex, rows: NDArray[np.int32]) -> None:
    kept = np.flatnonzero(rows >= 0)
    facts.counts[rows[kept]] = earlier.tables.link_counts[kept]
    starts, keys = earlier.tables.asked_starts, earlier.tables.asked_keys
    for document in kept.tolist():
        facts.asked[rows[document]] = keys[int(starts[document]) : int(starts[document + 1])]
    kept_paths = {earlier.documents[document].path for document in kept.tolist()}
    report = read_link_report(earlier.reader.folder)
    for kind, links in facts.reported.items():
        links.extend(link for link in report[kind] if link["source_path"] in kept_paths)


def save_links(folder: Path, facts: LinkFacts) -> None:
    """Write what became of the links; their edges are in the graph."""
    save_array(folder, "links.counts", facts.counts)
    starts = starts_of([len(keys) for keys in facts.asked])
    save_starts(folder, "links.asked_starts", starts)
    save_array(folder, "links.asked", np.concatenate([np.zeros(0, np.uint32), *facts.asked]))
    save_link_report(folder, facts.reported)
