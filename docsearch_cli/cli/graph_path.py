"""``docsearch graph path``: how two pages are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.completion import complete_documents
from docsearch_cli.cli.graph_kinds import EdgeKinds, codes_of
from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output, counted

if TYPE_CHECKING:
    from docsearch_cli.graph.shortest_path import Hop, ShortestPath
    from docsearch_cli.index.reader import IndexReader


def show_path(
    source: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="The page to start at: its path, or the end of it.",
            autocompletion=complete_documents,
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(metavar="B", help="The page to reach.", autocompletion=complete_documents),
    ],
    kinds: EdgeKinds = "",
    either_way: Annotated[
        bool,
        typer.Option(
            "--either-way", help="Walk edges against their direction too, if that is shorter."
        ),
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show the shortest way from one page to another, and what each edge on it says.

    Edges are walked in their direction, as a reader follows links. Where that leads nowhere, they
    are walked either way, and it is said so. Of several ways equally short, the one is shown
    whose pages come first by path.

    \b
    Examples:
      docsearch graph path setup.md reference/limits.md
      docsearch graph path setup.md limits.md --kinds link --json
    """
    from docsearch_cli.graph.shortest_path import shortest_path
    from docsearch_cli.index.find_document import find_node
    from docsearch_cli.index.home import current_working_folder
    from docsearch_cli.index.store import open_index

    output = Output("graph path", as_json, quiet)
    codes = codes_of(kinds)
    reader = open_index(home_for_reading(index, output))
    here = current_working_folder()
    ends = [find_node(reader, name, here) for name in (source, target)]
    first, last = (reader.node_row(end) for end in ends)
    assert first is not None
    assert last is not None
    ids = [reader.node_id(row) for row in range(reader.node_count)]
    found = shortest_path(reader.graph, first, last, ids, codes=codes, either_way=either_way)
    is_directed = not either_way
    if found is None and is_directed:
        found = shortest_path(reader.graph, first, last, ids, codes=codes, either_way=True)
        is_directed = False
    if as_json:
        output.result(_as_json(reader, ends, found, is_directed=is_directed))
    elif found is None:
        output.show("no way joins them" + (f" over {kinds}" if kinds else ""))
    else:
        if not is_directed and not either_way:
            output.note("no way in the direction of the edges; either way there is:")
        _show(output, reader, ends[0], found)


def _as_json(
    reader: IndexReader, ends: list[str], found: ShortestPath | None, *, is_directed: bool
) -> dict[str, Any]:
    hops = []
    node = ends[0]
    for hop in found.hops if found is not None else ():
        end = reader.node_id(hop.node)
        hops.append({"from": node, "to": end, **_edge(reader, hop)})
        node = end
    return {
        "from": ends[0],
        "to": ends[1],
        "found": found is not None,
        "directed": is_directed if found is not None else None,
        "length": len(hops) if found is not None else None,
        "equally_short": found.equal if found is not None else 0,
        "hops": hops,
    }


def _edge(reader: IndexReader, hop: Hop) -> dict[str, Any]:
    """Return what an edge says, as JSON has it."""
    from docsearch_cli.graph.edge_kinds import kind_of_code

    graph = reader.graph
    return {
        "kind": kind_of_code(int(graph.kinds[hop.edge])).name,
        "direction": "out" if hop.is_forward else "in",
        "weight": round(float(graph.weights[hop.edge]), 6),
        "line": int(graph.lines[hop.edge]) or None,
        "count": int(graph.counts[hop.edge]),
        "text": graph.texts[hop.edge],
    }


def _show(output: Output, reader: IndexReader, start: str, found: ShortestPath) -> None:
    """Print a way, a page a line, and between them what joins them."""
    from rich.text import Text

    from docsearch_cli.cli.shell_paths import paths_here

    paths = paths_here(reader.roots)
    output.show(Text(paths.node(start), style=paths.style(start)))
    for hop in found.hops:
        edge, end = _edge(reader, hop), reader.node_id(hop.node)
        text = f' "{edge["text"]}"' if edge["text"] else ""
        line = f", line {edge['line']}" if edge["line"] else ""
        if line and not hop.is_forward:  # of the page below, which the edge leaves
            line += f" of {paths.node(end)}"
        arrow = "->" if hop.is_forward else "<-"
        output.show(Text(f"  {arrow} {edge['kind']}{text}{line}", style="dim"))
        output.show(Text(paths.node(end), style=paths.style(end)))
    if found.equal > 1:
        output.note(f"{counted(found.equal - 1, 'other way')} of {counted(len(found.hops), 'hop')}")
