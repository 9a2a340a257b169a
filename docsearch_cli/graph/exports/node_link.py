"""JSON in networkx's node-link form: ``node_link_graph(data, edges="edges")`` reads it.

Every text survives as it is: JSON can hold control characters, and a lone surrogate is written as
its escape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from docsearch_cli.graph.excerpt import Excerpt, ExcerptEdge, ExcerptNode

_SURROGATE = re.compile("[\ud800-\udfff]")


def write_node_link(excerpt: Excerpt) -> Iterator[str]:
    """Yield the lines of a JSON document.

    Args:
        excerpt: What is written.

    Yields:
        Lines, each with its end.
    """
    about = {"around": excerpt.around or None}
    yield f'{{"directed": true, "multigraph": false, "graph": {_json(about)},\n"nodes": ['
    yield from _items(_json(node_data(node)) for node in excerpt.nodes)
    yield '],\n"edges": ['
    ids = [node.id for node in excerpt.nodes]
    yield from _items(_json(edge_data(edge, ids)) for edge in excerpt.edges())
    yield "]}\n"


def node_data(node: ExcerptNode) -> dict[str, Any]:
    """Return a node as JSON has it."""
    found = {
        "id": node.id,
        "path": node.path,
        "part": node.part,
        "title": node.title,
        "edges_in": node.edges_in,
        "edges_out": node.edges_out,
    }
    return found if node.hops is None else {**found, "hops": node.hops}


def edge_data(edge: ExcerptEdge, ids: list[str]) -> dict[str, Any]:
    """Return an edge as JSON has it."""
    return {
        "source": ids[edge.source],
        "target": ids[edge.target],
        "kind": edge.kind,
        "weight": edge.weight,
        "line": edge.line or None,
        "count": edge.count,
        "text": edge.text,
    }


def _items(items: Iterator[str]) -> Iterator[str]:
    for separator, item in zip(chain(["\n"], _commas()), items, strict=False):
        yield separator + item


def _commas() -> Iterator[str]:
    while True:
        yield ",\n"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
