"""Small graphs for tests, stored and opened as an index has them."""

import tempfile
from pathlib import Path

from docsearch_cli.graph.csr import load_graph, save_graph
from docsearch_cli.graph.edge_kinds import STORED_CODES
from docsearch_cli.graph.edges import Edge, EdgeList
from docsearch_cli.graph.excerpt import take_excerpt


def stored(edges, count):
    """Return a stored graph of ``(source, target)`` pairs or edges."""
    made = [edge if isinstance(edge, Edge) else Edge(*edge, "link") for edge in edges]
    made.sort(key=lambda edge: (edge.source, edge.target))
    with tempfile.TemporaryDirectory() as folder:
        save_graph(Path(folder), EdgeList.of(made), count)
        return load_graph(Path(folder))


def excerpt_of(edges, names="abcdef", titles=None, codes=STORED_CODES, **options):
    """Return an excerpt of a graph whose nodes have these ids."""
    ids = list(names)
    return take_excerpt(
        stored(edges, len(ids)), ids, titles or [f"T {name}" for name in ids],
        codes=codes, **options,
    )  # fmt: skip
