"""The graph around a page: a picture whose boxes are links, and the same edges as a list."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from docsearch_cli.graph.analysis import rank_nodes
from docsearch_cli.graph.edge_kinds import EDGE_KINDS, code_of, kind_of_code
from docsearch_cli.graph.neighbourhood import find_neighbourhood
from docsearch_cli.graph.nodes import node_id
from docsearch_cli.web.addresses import graph_url
from docsearch_cli.web.document_page import other_name
from docsearch_cli.web.forms import Fields
from docsearch_cli.web.graph_drawing import BOX_WIDTH, draw
from docsearch_cli.web.guard import query_of
from docsearch_cli.web.site import site_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from docsearch_cli.index.reader import IndexReader

_SIZES = (20, 40, 80)
_PATH_CHARS = 28
_KINDS = tuple(kind.name for kind in EDGE_KINDS if kind.code is not None)
# What an edge of each kind joins, for the legend.
_MEANINGS = {kind.name: kind.meaning for kind in EDGE_KINDS}


def show(request: Request) -> Response:
    """Answer ``/graph/PATH?hops=2&most=40&kind=link``."""
    site = site_of(request)
    reader = site.reader()
    path = request.path_params["path"]
    if reader.paths.find(path) is None:
        return other_name(request, reader, graph_url)
    fields = query_of(request)
    parts = reader.nodes_of_document(path)
    part = fields.number("part") or 1
    hops = int(fields.choice("hops", ("1", "2"), "2"))
    most = int(fields.choice("most", map(str, _SIZES), "20"))
    kinds = _wanted_kinds(fields)
    centre = parts[min(max(part, 1), len(parts)) - 1]
    around = find_neighbourhood(
        reader.graph,
        centre,
        _ranks(reader),
        hops=hops,
        most=most,
        codes=[code_of(name) for name in kinds],
    )
    names = {
        item.node: (reader.node_id(item.node), reader.node_title(item.node) or path)
        for item in around.nodes
    }
    titles = Counter(title for _, title in names.values())
    alike = {node for node, (_, title) in names.items() if titles[title] > 1}
    return site.page(
        "graph.html",
        node=node_id(path, centre - parts[0]),
        path=path,
        title=reader.node_title(centre) or path,
        drawing=draw(around, alike),
        alike=alike,
        path_end=_path_end,
        box_width=BOX_WIDTH,
        names=names,
        kind_of=lambda code: kind_of_code(code).name,
        meanings=_MEANINGS,
        all_kinds=_KINDS,
        kinds=kinds,
        hops=hops,
        most=most,
        sizes=_SIZES,
        left_out=around.left_out,
        edges=around.edges,
    )


def _path_end(name: str) -> str:
    """Return as much of the end of a path as fits into a box: pages of one title differ there."""
    return name if len(name) <= _PATH_CHARS else f"…{name[1 - _PATH_CHARS :]}"


def _wanted_kinds(fields: Fields) -> tuple[str, ...]:
    """Return the kinds that the form has ticked; all of them if it has none."""
    ticked = fields.values("kind", _KINDS)
    return tuple(name for name in _KINDS if name in ticked) or _KINDS


def _ranks(reader: IndexReader) -> NDArray[np.float64]:
    return _ranks_of(reader.digest, reader)


@lru_cache(maxsize=2)
def _ranks_of(_digest: str, reader: IndexReader) -> NDArray[np.float64]:
    """Return how central each node is, the most central one being 1."""
    graph = reader.graph
    sources = graph.sources_of(np.arange(len(graph.targets)))
    ranks = rank_nodes(sources, graph.targets, graph.node_count)
    most = float(ranks.max()) if len(ranks) else 1.0
    return ranks / (most or 1.0)
