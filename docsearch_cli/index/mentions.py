"""The mentions of an index: found in what was read, copied for the rest, weighed together.

Every mention is stored, also of names so common that they make no edge: that changes with the
corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import save_array
from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.graph.edge_kinds import code_of
from docsearch_cli.graph.edges import EdgeList
from docsearch_cli.graph.mentions import Mention, SourceText, find_mentions, weigh_mentions
from docsearch_cli.graph.titles import NamedDocument, NameFinder, Words, name_table, names_of
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.index.merge import Arrangement
from docsearch_cli.index.parallel import map_forked
from docsearch_cli.index.sources import EarlierIndex, ReadBatch, Sources, cut_texts

_MENTION = code_of("mention")
_LINKS = (code_of("link"), code_of("include"))


def table_of(documents: Sequence[DocumentRow]) -> dict[Words, tuple[NamedDocument, ...]]:
    """Return what the documents are named by."""
    return name_table(
        [
            () if document.made_by else names_of(document.title, document.aliases)
            for document in documents
        ]
    )


@dataclass(frozen=True, slots=True)
class FoundMentions:
    """Mentions in the documents of a batch.

    Shapes:
        sources: (n,) int32, node counted in the batch.
        targets: (n,) int32, row of the document named.
        is_name: (n,) bool.
        lines: (n,) int32.
    """

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    is_name: NDArray[np.bool_]
    lines: NDArray[np.int32]
    texts: list[bytes]


def search_batches(
    arrangement: Arrangement,
    batches: Sequence[ReadBatch],
    *,
    workers: int | None,
    progress: Callable[[int, int], None],
) -> list[FoundMentions]:
    """Find the mentions in what was read.

    Args:
        arrangement: The documents.
        batches: What was read.
        workers: Searching processes; by default one per processor.
        progress: Called with how many batches are done.

    Returns:
        What each batch holds.
    """
    finder = NameFinder(table_of(arrangement.documents))
    rows = [arrangement.rows_of(batch) for batch in batches]
    return map_forked(
        lambda place: _search_batch(finder, batches[place], rows[place]),
        len(batches),
        sum(batch.size_bytes for batch in batches),
        workers=workers,
        progress=progress,
    )


def _search_batch(finder: NameFinder, batch: ReadBatch, rows: NDArray[np.int32]) -> FoundMentions:
    mentions: list[Mention] = []
    node = 0
    for place, document in enumerate(batch.documents):
        if rows[place] >= 0 and not document.made_by:
            texts = _source_texts(batch, place, node)
            mentions += find_mentions(finder, int(rows[place]), texts)
        node += len(document.node_starts)
    return FoundMentions(
        sources=np.array([mention.source for mention in mentions], dtype=np.int32),
        targets=np.array([mention.target for mention in mentions], dtype=np.int32),
        is_name=np.array([mention.is_name for mention in mentions], dtype=np.bool_),
        lines=np.array([mention.line for mention in mentions], dtype=np.int32),
        texts=[mention.text.encode("utf-8", "replace") for mention in mentions],
    )


def _source_texts(batch: ReadBatch, place: int, first_node: int) -> Iterator[SourceText]:
    document = batch.documents[place]
    first, end = batch.section_starts[[place, place + 1]].tolist()
    raw = cut_texts(*batch.texts(first, end))
    lines = batch.lines(first, end)[:, 0].tolist()
    node, paged = first_node - 1, is_paged(document.markup)
    for section, texts in enumerate(zip(batch.plain_texts(place), raw, lines, strict=True)):
        node += section in document.node_starts
        yield SourceText(node, *texts, paged=paged)


@dataclass(frozen=True, slots=True)
class MentionFacts:
    """All mentions of a corpus, sorted by (source, target).

    Shapes:
        sources, targets: (n_mentions,) int32.
        is_name: (n_mentions,) bool.
    """

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    is_name: NDArray[np.bool_]
    edges: EdgeList
    """Those that lead somewhere in particular."""
    missing: frozenset[int]
    """Documents of the earlier index whose mentions became edges only now: their lines are not
    known, so they must be read again."""


def gather_mentions(
    arrangement: Arrangement,
    sources: Sources,
    found: Sequence[FoundMentions],
) -> MentionFacts:
    """Put the mentions of a corpus together and weigh them.

    Args:
        arrangement: The documents.
        sources: Where they come from.
        found: The mentions in each batch.

    Returns:
        The mentions.
    """
    nodes = [np.zeros(0, np.int32)]
    targets = [np.zeros(0, np.int32)]
    is_name = [np.zeros(0, np.bool_)]
    lines = [np.zeros(0, np.int32)]
    texts: list[bytes] = []
    known: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
    for batch, mentions in zip(sources.batches, found, strict=True):
        nodes.append(arrangement.nodes_of(batch)[mentions.sources])
        targets.append(mentions.targets)
        is_name.append(mentions.is_name)
        lines.append(mentions.lines)
        texts += mentions.texts
        known.append(np.ones(len(mentions.texts), np.bool_))
    if sources.earlier is not None:
        kept = _kept_mentions(arrangement, sources.earlier)
        nodes.append(kept.sources)
        targets.append(kept.targets)
        is_name.append(kept.is_name)
        lines.append(kept.lines)
        texts += kept.texts
        known.append(kept.lines >= 0)
    all_sources, all_targets = np.concatenate(nodes), np.concatenate(targets)
    order = np.lexsort((all_targets, all_sources))
    all_sources, all_targets = all_sources[order], all_targets[order]
    names = np.concatenate(is_name)[order]
    weights = weigh_mentions(all_sources, all_targets, names, len(arrangement.documents))
    edges = np.flatnonzero(weights >= 0)
    missing = edges[~np.concatenate(known)[order][edges]]
    rows = order[edges].tolist()
    return MentionFacts(
        sources=all_sources,
        targets=all_targets,
        is_name=names,
        edges=EdgeList(
            sources=all_sources[edges],
            targets=arrangement.node_starts[all_targets[edges]].astype(np.int32),
            kinds=np.full(len(edges), _MENTION, np.uint8),
            weights=weights[edges].astype(np.float32),
            lines=np.concatenate(lines)[order][edges],
            counts=np.ones(len(edges), np.int32),
            texts=[texts[row] for row in rows],
        ),
        missing=_owners(arrangement, sources.earlier, all_sources[missing]),
    )


def _kept_mentions(arrangement: Arrangement, earlier: EarlierIndex) -> FoundMentions:
    """Return the mentions in kept documents, with their lines where they were edges; else -1.

    A mention beside a link to the same document is no edge, and so needs no line.
    """
    tables = earlier.tables
    node_rows = arrangement.nodes_of(earlier)
    document_rows = np.array(
        [arrangement.row_of.get(document.path, -1) for document in earlier.documents], np.int32
    )
    sources = node_rows[tables.mention_sources]
    targets = document_rows[tables.mention_targets]
    kept = np.flatnonzero((sources >= 0) & (targets >= 0))
    graph = earlier.reader.graph
    edge_sources = graph.sources_of(np.arange(len(graph.targets)))
    edge_key = (edge_sources.astype(np.int64) << 32) | graph.targets
    first_nodes = earlier.node_starts[tables.mention_targets[kept]]
    key = (tables.mention_sources[kept].astype(np.int64) << 32) | first_nodes
    place = np.minimum(np.searchsorted(edge_key, key), max(0, len(edge_key) - 1))
    is_edge = edge_key[place] == key if len(edge_key) else np.zeros(len(key), np.bool_)
    is_edge &= np.isin(graph.kinds[place], (*_LINKS, _MENTION)) if len(edge_key) else is_edge
    lines = np.where(is_edge, graph.lines[place] if len(edge_key) else -1, -1)
    texts = graph.texts.take(place) if len(edge_key) else [b""] * len(key)
    return FoundMentions(
        sources=sources[kept],
        targets=targets[kept],
        is_name=tables.mention_names[kept],
        lines=lines.astype(np.int32),
        texts=texts,
    )


def _owners(
    arrangement: Arrangement, earlier: EarlierIndex | None, nodes: NDArray[np.int32]
) -> frozenset[int]:
    """Return the documents of the earlier index that some nodes of the new one come from."""
    if earlier is None or not len(nodes):
        return frozenset()
    rows = np.searchsorted(arrangement.node_starts, nodes, side="right") - 1
    number_of = {document.path: number for number, document in enumerate(earlier.documents)}
    return frozenset(number_of[arrangement.documents[row].path] for row in rows.tolist())


def save_mentions(folder: Path, facts: MentionFacts) -> None:
    """Write all mentions; those that are edges are in the graph with their lines."""
    save_array(folder, "mentions.sources", facts.sources)
    save_array(folder, "mentions.targets", facts.targets)
    save_array(folder, "mentions.names", facts.is_name)
