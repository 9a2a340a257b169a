"""The graph of an index: links, mentions and structure between the nodes of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from docsearch_cli.corpus.links import LinkReport
from docsearch_cli.graph.build import add_edge, add_mentions, add_structure, new_graph
from docsearch_cli.graph.mentions import SourceText, find_mentions
from docsearch_cli.index.tables import Tables

if TYPE_CHECKING:
    import networkx


def build_graph(tables: Tables, links: LinkReport) -> networkx.DiGraph:
    """Return the document graph, nodes numbered by row."""
    documents, nodes = tables.documents, tables.nodes
    graph = new_graph(nodes, [documents[node.document].title for node in nodes])
    _add_links(graph, tables, links)
    add_mentions(graph, find_mentions(tables.named_nodes(), _source_texts(tables)))
    add_structure(graph, nodes, [document.path for document in documents])
    return graph


def _add_links(graph: networkx.DiGraph, tables: Tables, links: LinkReport) -> None:
    number_of = {document.path: number for number, document in enumerate(tables.documents)}
    nodes_of: list[list[int]] = [[] for _ in tables.documents]
    for place, node in enumerate(tables.nodes):
        nodes_of[node.document].append(place)
    for link in links.edges:
        source, target = number_of[link.source_path], number_of[link.target_path]
        row = None
        if link.target_section is not None:
            row = tables.first_rows[target] + link.target_section
        add_edge(
            graph,
            _node_at_line(tables, nodes_of[source], link.line),
            _node_with_row(tables, nodes_of[target], row),
            "link",
            line=link.line,
            text=link.text,
        )


def _node_at_line(tables: Tables, places: list[int], line: int) -> int:
    for place in places[:-1]:
        if line <= tables.rows[tables.nodes[place].end_section - 1].section.line_end:
            return place
    return places[-1]


def _node_with_row(tables: Tables, places: list[int], row: int | None) -> int:
    if row is not None:
        for place in places:
            if tables.nodes[place].first_section <= row < tables.nodes[place].end_section:
                return place
    return places[0]


def _source_texts(tables: Tables) -> Iterator[SourceText]:
    for place, node in enumerate(tables.nodes):
        for row in tables.rows[node.first_section : node.end_section]:
            paged = tables.documents[row.document].markup == "pdf"
            section = row.section
            yield SourceText(place, row.plain, section.text, section.line_start, paged)
