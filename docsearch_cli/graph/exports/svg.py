"""A picture of a small graph as one SVG: no font, script or style from elsewhere.

A page is as large as it has edges, edges are coloured and dashed by kind, and what a page is
called stands beside it, or is shown where the mouse is if there are many.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from docsearch_cli.corpus.graphemes import shorten
from docsearch_cli.graph.excerpt import Excerpt, ExcerptNode
from docsearch_cli.graph.exports.layout import Layout, lay_out
from docsearch_cli.graph.exports.xml_text import shown_text, xml_escape

# More names than this lie over each other; those of the nodes with the most edges stay.
_MOST_NAMES = 60
_MOST_NAME_CHARS = 28
_RADIUS_PX, _MOST_RADIUS_PX = 4.0, 15.0

STYLE = """
    svg { background: #ffffff }
    .graph text { font: 11px system-ui, "Segoe UI", Arial, sans-serif; fill: #1f2328;
      paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
    .node circle { fill: #0969da; stroke: #ffffff }
    .node.here circle { fill: #bc4c00 }
    .edge { stroke: #8c959f; stroke-opacity: .7; fill: none }
    .edge.include { stroke-width: 2 }
    .edge.mention { stroke: #8250df; stroke-dasharray: 4 3 }
    .edge.part, .edge.next { stroke: #1a7f37; stroke-dasharray: 1 3 }
    .tip { fill: #8c959f }
    @media (prefers-color-scheme: dark) {
      svg { background: #0d1117 }
      .graph text { fill: #f0f6fc; stroke: #0d1117 }
      .node circle { fill: #4493f8; stroke: #0d1117 }
      .node.here circle { fill: #f0883e }
      .edge { stroke: #656c76 }
      .edge.mention { stroke: #ab7df8 }
      .edge.part, .edge.next { stroke: #3fb950 }
    }
"""


def write_svg(excerpt: Excerpt) -> Iterator[str]:
    """Yield the lines of an SVG document.

    Args:
        excerpt: What is drawn.

    Yields:
        Lines, each with its end.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield from draw(excerpt, style=STYLE)


def draw(excerpt: Excerpt, *, style: str = "", link_prefix: str = "") -> Iterator[str]:
    """Yield the lines of an ``svg`` element.

    Args:
        excerpt: What is drawn.
        style: Its style sheet; empty where the page around it has one.
        link_prefix: A node is a link to this and its place; empty for none.

    Yields:
        Lines, each with its end.
    """
    layout = lay_out(excerpt)
    role = "group" if link_prefix else "img"  # an image has nothing to choose in it
    label = f"{len(excerpt.nodes)} pages and {excerpt.edge_count} edges between them"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="{role}" aria-label="{label}"'
        f' viewBox="0 0 {layout.width:g} {layout.height:g}"'
        f' width="{layout.width:g}" height="{layout.height:g}">\n'
    )
    if style:
        yield f"  <style>{style}  </style>\n"
    yield (
        '  <defs><marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6"'
        ' markerHeight="6" orient="auto"><path class="tip" d="M0 0 6 3 0 6Z"/></marker></defs>\n'
    )
    yield from _edges(excerpt, layout)
    yield from _nodes(excerpt, layout, link_prefix)
    yield "</svg>\n"


def _edges(excerpt: Excerpt, layout: Layout) -> Iterator[str]:
    for edge in excerpt.edges():
        (x1, y1), (x2, y2) = layout.places[edge.source], layout.places[edge.target]
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        if not length:  # a page that leads to itself
            continue
        inset = (_radius(excerpt.nodes[edge.target]) + 1) / length
        x2, y2 = round(x2 - (x2 - x1) * inset, 1), round(y2 - (y2 - y1) * inset, 1)
        words = f"{edge.kind}: {edge.text}" if edge.text else edge.kind
        yield (
            f'  <line class="edge {edge.kind}" data-from="{edge.source}" data-to="{edge.target}"'
            f' x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" marker-end="url(#tip)">'
            f"<title>{xml_escape(shown_text(words))}</title></line>\n"
        )


def _nodes(excerpt: Excerpt, layout: Layout, link_prefix: str) -> Iterator[str]:
    by_edges = sorted(
        range(len(excerpt.nodes)), key=lambda place: (-_degree(excerpt.nodes[place]), place)
    )
    named = set(by_edges[:_MOST_NAMES])
    for place, node in enumerate(excerpt.nodes):
        x, y = layout.places[place]
        radius = _radius(node)
        here = " here" if node.id == excerpt.around else ""
        drawn = f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
        if place in named:
            name = xml_escape(shorten(shown_text(node_name(node)), _MOST_NAME_CHARS))
            drawn += f'<text x="{x + radius + 3:g}" y="{y + 4:g}">{name}</text>'
        drawn += f"<title>{xml_escape(shown_text(f'{node_name(node)} ({node.id})'))}</title>"
        inner = f'<a href="{link_prefix}{place}">{drawn}</a>' if link_prefix else drawn
        yield f'  <g class="node{here}" data-node="{place}">{inner}</g>\n'


def node_name(node: ExcerptNode) -> str:
    """Return what a node is called in a picture."""
    return node.title if node.part == 1 else f"{node.title} (part {node.part})"


def _degree(node: ExcerptNode) -> int:
    return node.edges_in + node.edges_out


def _radius(node: ExcerptNode) -> float:
    return round(min(_MOST_RADIUS_PX, _RADIUS_PX + 1.2 * math.sqrt(_degree(node))), 1)
