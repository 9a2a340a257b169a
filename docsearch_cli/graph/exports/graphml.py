"""GraphML: what Gephi, yEd, Cytoscape and networkx read.

A node's id is the id that everything else here calls it by; see ``xml_text.py`` for the few
characters that XML cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docsearch_cli.graph.excerpt import Excerpt
from docsearch_cli.graph.exports.xml_text import distinct_ids, xml_escape

_Values = Mapping[str, str | int | float | None]
_NODE_KEYS = (
    ("label", "string"),
    ("path", "string"),
    ("part", "int"),
    ("edges_in", "int"),
    ("edges_out", "int"),
    ("hops", "int"),
)
_EDGE_KEYS = (
    ("kind", "string"),
    ("weight", "double"),
    ("line", "int"),
    ("count", "int"),
    ("text", "string"),
)


def write_graphml(excerpt: Excerpt) -> Iterator[str]:
    """Yield the lines of a GraphML document.

    Args:
        excerpt: What is written.

    Yields:
        Lines, each with its end.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for owner, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name, kind in keys:
            yield (
                f'  <key id="{owner}_{name}" for="{owner}" attr.name="{name}"'
                f' attr.type="{kind}"/>\n'
            )
    yield '  <graph id="documents" edgedefault="directed">\n'
    ids = [xml_escape(name) for name in distinct_ids(node.id for node in excerpt.nodes)]
    for name, node in zip(ids, excerpt.nodes, strict=True):
        about: _Values = {
            "label": node.title,
            "path": node.path,
            "part": node.part,
            "edges_in": node.edges_in,
            "edges_out": node.edges_out,
            "hops": node.hops,
        }
        yield f'    <node id="{name}">{_data("node", about)}</node>\n'
    for edge in excerpt.edges():
        said: _Values = {
            "kind": edge.kind,
            "weight": edge.weight,
            "line": edge.line or None,
            "count": edge.count,
            "text": edge.text,
        }
        yield (
            f'    <edge source="{ids[edge.source]}" target="{ids[edge.target]}">'
            f"{_data('edge', said)}</edge>\n"
        )
    yield "  </graph>\n</graphml>\n"


def _data(owner: str, values: _Values) -> str:
    """Return the attributes of a node or an edge; one that is None is left out."""
    return "".join(
        f'<data key="{owner}_{name}">{xml_escape(str(value))}</data>'
        for name, value in values.items()
        if value is not None
    )
