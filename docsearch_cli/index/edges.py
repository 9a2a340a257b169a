"""The edges of an index: links, mentions and structure, put together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from docsearch_cli.graph.edge_kinds import code_of
from docsearch_cli.graph.edges import EdgeList, PageOutline, edges_by_outline, join_edges
from docsearch_cli.index.incremental import Content
from docsearch_cli.index.merge import Arrangement
from docsearch_cli.index.sources import EarlierIndex

_OF_LINKS = (code_of("link"), code_of("include"))


def gather_edges(content: Content) -> EdgeList:
    """Return the edges of a corpus, each pair of nodes once."""
    arrangement = content.arrangement
    outline = PageOutline(
        paths=[document.path for document in arrangement.documents],
        titles=[document.title for document in arrangement.documents],
        first_nodes=arrangement.node_starts.tolist(),
    )
    lists = [EdgeList.of(content.links.edges), content.mentions.edges, edges_by_outline(outline)]
    if content.sources.earlier is not None:
        lists.append(_kept_links(arrangement, content.sources.earlier))
    return join_edges([_without_made(edges, arrangement) for edges in lists])


def _without_made(edges: EdgeList, arrangement: Arrangement) -> EdgeList:
    """Return edges without those from or to pages that a program made of other pages."""
    is_made = np.array([bool(document.made_by) for document in arrangement.documents], np.bool_)
    if not is_made.any():
        return edges
    of_node = np.repeat(is_made, np.diff(arrangement.node_starts))
    return edges.rows(np.flatnonzero(~(of_node[edges.sources] | of_node[edges.targets])))


def _kept_links(arrangement: Arrangement, earlier: EarlierIndex) -> EdgeList:
    """Return the links of the documents that stay.

    What they lead to is still there, and its parts that they lead to are: else the document would
    have been read again.
    """
    edges = earlier.reader.graph.edge_list()
    sources = arrangement.nodes_of(earlier)[edges.sources]
    documents = np.searchsorted(earlier.node_starts, edges.targets, side="right") - 1
    first_nodes = np.array(
        [_first_node(arrangement, document.path) for document in earlier.documents], np.int64
    )
    parts = edges.targets - earlier.node_starts[documents]
    targets = first_nodes[documents] + parts
    rows = np.flatnonzero(np.isin(edges.kinds, _OF_LINKS) & (sources >= 0))
    return replace(edges, sources=sources, targets=targets.astype(np.int32)).rows(rows)


def _first_node(arrangement: Arrangement, path: str) -> int:
    row = arrangement.row_of.get(path)
    return int(arrangement.node_starts[row]) if row is not None else -1
