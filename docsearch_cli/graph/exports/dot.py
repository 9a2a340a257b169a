"""DOT, the language of Graphviz.

In a quoted string only ``\\"`` is an escape, but a label is read once more: for ``\\n`` and its
like, and for entities as in HTML. So a backslash is doubled everywhere, and ``&`` is an entity in
what is drawn. Control characters are as in ``xml_text.py``, since Graphviz draws to SVG. Nodes are
``n0``, ``n1``, ...: an id cannot end in a single backslash, a path can.

Source:
    Graphviz, "The DOT Language" and "escString".
"""

from __future__ import annotations

from collections.abc import Iterator

from docsearch_cli.graph.excerpt import Excerpt
from docsearch_cli.graph.exports.xml_text import shown_text, xml_allowed

# How a kind is drawn, where it is not drawn as a link is.
_STYLES = {
    "include": ', style="bold"',
    "mention": ', style="dashed"',
    "part": ', color="gray60"',
    "next": ', color="gray60", style="dotted"',
}


def write_dot(excerpt: Excerpt) -> Iterator[str]:
    """Yield the lines of a digraph.

    Args:
        excerpt: What is written.

    Yields:
        Lines, each with its end.
    """
    yield "digraph documents {\n"
    yield '  graph [charset="UTF-8", overlap="prism", rankdir="LR"];\n'
    yield '  node [shape="box", fontname="sans-serif", fontsize="10"];\n'
    for place, node in enumerate(excerpt.nodes):
        name = node.title if node.part == 1 else f"{node.title} (part {node.part})"
        here = ', penwidth="3"' if node.id == excerpt.around else ""
        yield (
            f"  n{place} [label={_drawn(name)}, tooltip={_drawn(node.id)},"
            f" path={_quoted(node.id)}{here}];\n"
        )
    for edge in excerpt.edges():
        line = f', line="{edge.line}"' if edge.line else ""
        yield (
            f"  n{edge.source} -> n{edge.target} [kind={_quoted(edge.kind)},"
            f' tooltip={_drawn(edge.text or edge.kind)}, weight="1"{line}'
            f"{_STYLES.get(edge.kind, '')}];\n"
        )
    yield "}\n"


def _drawn(text: str) -> str:
    """Return a text that Graphviz draws as it is."""
    return _quoted(shown_text(text).replace("&", "&amp;"))


def _quoted(text: str) -> str:
    return '"' + xml_allowed(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
