"""A picture of a small graph as one HTML page that loads nothing and says so in its policy.

It can be read without JavaScript: a node is a link to its entry in the list below, which has its
edges as links to the pages at their other ends. The script adds a filter and marks what a page is
joined to.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from docsearch_cli.graph.excerpt import Excerpt, ExcerptEdge
from docsearch_cli.graph.exports.svg import STYLE, draw, node_name
from docsearch_cli.graph.exports.xml_text import shown_text, xml_escape

_PAGE_STYLE = """
    :root { color-scheme: light dark }
    body { font: 15px/1.5 system-ui, "Segoe UI", Arial, sans-serif; margin: 1rem auto;
      max-width: 75rem; padding: 0 1rem }
    .graph { display: block; margin: auto }
    .picture { overflow: auto; border: 1px solid #8c959f; max-height: 75vh }
    ol { list-style: none; padding: 0 }
    li.page { border-top: 1px solid #8c959f; padding: .4rem .2rem; overflow-wrap: anywhere }
    li.page:target { outline: 2px solid #bc4c00 }
    .path { opacity: .75; font-family: ui-monospace, monospace; font-size: .9em }
    .dim { opacity: .15 }
    a:focus-visible { outline: 2px solid #bc4c00 }
    input { font: inherit; width: 100%; max-width: 30rem }
"""
_SCRIPT = """
(() => {
  const filter = document.getElementById("filter");
  const pages = [...document.querySelectorAll("li.page")];
  const nodes = [...document.querySelectorAll("g.node")];
  const edges = [...document.querySelectorAll("line.edge")];
  filter.parentElement.hidden = false;
  const show = (isShown) => {
    nodes.forEach((node) => node.classList.toggle("dim", !isShown.has(node.dataset.node)));
    edges.forEach((edge) => edge.classList.toggle("dim",
      !isShown.has(edge.dataset.from) || !isShown.has(edge.dataset.to)));
  };
  const all = new Set(nodes.map((node) => node.dataset.node));
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase();
    const found = new Set();
    pages.forEach((page) => {
      const fits = page.dataset.name.includes(words);
      page.hidden = !fits;
      if (fits) found.add(page.id.slice(1));
    });
    show(found);
  });
  const mark = () => {
    const chosen = /^#p([0-9]+)$/.exec(location.hash);
    if (!chosen) { show(all); return; }
    const near = new Set([chosen[1]]);
    edges.forEach((edge) => {
      if (edge.dataset.from === chosen[1]) near.add(edge.dataset.to);
      if (edge.dataset.to === chosen[1]) near.add(edge.dataset.from);
    });
    show(near);
  };
  addEventListener("hashchange", mark);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") { filter.value = ""; pages.forEach((page) => {
      page.hidden = false; }); show(all); }
  });
  mark();
})();
"""


def write_page(excerpt: Excerpt) -> Iterator[str]:
    """Yield the lines of an HTML document.

    Args:
        excerpt: What is shown.

    Yields:
        Lines, each with its end.
    """
    style = STYLE + _PAGE_STYLE
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(_SCRIPT)}';"
        " base-uri 'none'; form-action 'none'"
    )
    about = f"{len(excerpt.nodes)} pages, {excerpt.edge_count} edges"
    title = f"{excerpt.around} and what is near it" if excerpt.around else "The document graph"
    heading = xml_escape(shown_text(title))
    yield "<!DOCTYPE html>\n"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield f"<title>{heading}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
    yield f"<h1>{heading}</h1>\n<p>{about}. A larger circle has more edges.</p>\n"
    yield (
        '<p hidden><label for="filter">Show pages with</label>'
        ' <input id="filter" type="search" autocomplete="off"></p>\n'
    )
    yield '<div class="picture" tabindex="0" role="region" aria-label="Picture">\n'
    yield from draw(excerpt, link_prefix="#p")
    yield "</div>\n<h2>Pages</h2>\n<ol>\n"
    yield from _list(excerpt)
    yield f"</ol>\n</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def _list(excerpt: Excerpt) -> Iterator[str]:
    edges_of: dict[int, list[tuple[str, int, ExcerptEdge]]] = {}
    for edge in excerpt.edges():
        edges_of.setdefault(edge.source, []).append(("to", edge.target, edge))
        edges_of.setdefault(edge.target, []).append(("from", edge.source, edge))
    for place, node in enumerate(excerpt.nodes):
        name, path = shown_text(node_name(node)), shown_text(node.id)
        searched = xml_escape(f"{name} {path}".lower())
        yield (
            f'<li class="page" id="p{place}" data-name="{searched}"><bdi>{xml_escape(name)}</bdi>'
            f' <bdi class="path">{xml_escape(path)}</bdi>\n'
        )
        if place in edges_of:
            yield "<ul>\n"
            for word, other, edge in edges_of[place]:
                end = xml_escape(shown_text(node_name(excerpt.nodes[other])))
                said = f" <q>{xml_escape(shown_text(edge.text))}</q>" if edge.text else ""
                line = f", line {edge.line}" if edge.line else ""
                yield (
                    f"<li>{xml_escape(edge.kind)} {word}"
                    f' <a href="#p{other}"><bdi>{end}</bdi></a>{said}{line}</li>\n'
                )
            yield "</ul>\n"
        yield "</li>\n"


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
