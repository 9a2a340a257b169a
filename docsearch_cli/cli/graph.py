"""``docsearch graph``: sizes, central nodes, and links that do not resolve."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading, most_option
from docsearch_cli.cli.output import Output

app = typer.Typer(help="Inspect the document graph.", no_args_is_help=True, rich_markup_mode=None)


def _open(index: str | None, output: Output) -> Any:
    from docsearch_cli.index.store import open_index

    return open_index(home_for_reading(index, output))


def _graph(reader: Any) -> Any:
    from docsearch_cli.graph.analysis import to_networkx

    return to_networkx(reader.graph, [reader.node_id(row) for row in range(reader.node_count)])


@app.command("stats")
def stats(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show sizes, kinds of edges, components and the central nodes.

    \b
    Examples:
      docsearch graph stats
      docsearch graph stats --json
    """
    from rich.text import Text

    from docsearch_cli.graph.analysis import measure_graph

    output = Output("graph stats", as_json, quiet)
    figures = measure_graph(_graph(_open(index, output)))
    if as_json:
        output.result(figures.to_dict())
        return
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in figures.edges_by_kind.items())
    output.show(f"{figures.nodes:,} nodes, {figures.edges:,} edges ({kinds or 'none'})")
    output.show(
        f"{figures.components:,} components, the largest of {figures.largest_component:,} nodes; "
        f"{figures.orphans:,} orphans"
    )
    for title, rows in (("most edges in", figures.most_linked), ("central", figures.central)):
        if rows:
            output.show(title)
        for node, value in rows:
            output.show(Text(f"   {value:>8.4g}  {node}"))


@app.command("links")
def links(
    index: IndexDir = None,
    limit: Annotated[int, most_option("Most lines to show of each kind, at least 1.")] = 20,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Report broken and ambiguous links, and orphans: nodes without an edge.

    \b
    Examples:
      docsearch graph links
      docsearch graph links --json
    """
    from rich.text import Text

    from docsearch_cli.graph.analysis import orphans
    from docsearch_cli.index.link_report import read_link_report

    output = Output("graph links", as_json, quiet)
    reader = _open(index, output)
    report = read_link_report(reader.folder)
    alone = orphans(_graph(reader))
    if as_json:
        output.result({**report, "orphans": alone})
        return
    output.show(
        f"{report['resolved']:,} links resolved, {report['external']:,} external, "
        f"{len(report['broken']):,} broken, {len(report['ambiguous']):,} ambiguous; "
        f"{len(alone):,} orphans"
    )
    for link in report["broken"][:limit]:
        place = f"{link['source_path']}:{link['line']}"
        output.show(Text(f"   broken     {place}  -> {link['target']}  ({link['reason']})"))
    for link in report["ambiguous"][:limit]:
        place = f"{link['source_path']}:{link['line']}"
        others = ", ".join(path for path in link["candidates"] if path != link["chosen"])
        output.show(
            Text(f"   ambiguous  {place}  -> {link['target']}  took {link['chosen']}, not {others}")
        )
    for node in alone[:limit]:
        output.show(Text(f"   orphan     {node}"))
    most = max(len(report["broken"]), len(report["ambiguous"]), len(alone))
    if most > limit:
        output.note(f"at most {limit} of each are shown; --limit N or --json shows more")
