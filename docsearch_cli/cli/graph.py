"""``docsearch graph``: sizes, central nodes, links that do not resolve, ways, exports."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from docsearch_cli.cli.graph_export import export
from docsearch_cli.cli.graph_path import show_path
from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading, most_option
from docsearch_cli.cli.output import Output, Reported, counted
from docsearch_cli.errors import EXIT_CHECK_FAILED, EXIT_DONE, UsageError
from docsearch_cli.whole_numbers import brief

app = typer.Typer(help="Inspect the document graph.", no_args_is_help=True, rich_markup_mode=None)


def _open(index: str | None, output: Output) -> Any:
    from docsearch_cli.index.store import open_index

    return open_index(home_for_reading(index, output))


def _graph(reader: Any) -> Any:
    from docsearch_cli.graph.analysis import to_networkx

    return to_networkx(reader.graph, [reader.node_id(row) for row in range(reader.node_count)])


@app.command("stats")
def stats(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show sizes, kinds of edges, components, orphans, hubs and the central nodes.

    Hubs lead to many pages. Central pages are led to by central pages (PageRank). Pages in between
    are passed by many shortest ways (betweenness); in a large graph, by those from a sample of
    pages, always the same.

    \b
    Examples:
      docsearch graph stats
      docsearch graph stats --json
    """
    from rich.text import Text

    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.graph.analysis import measure_graph

    output = Output("graph stats", as_json, quiet)
    reader = _open(index, output)
    figures = measure_graph(_graph(reader))
    if as_json:
        output.result(figures.to_dict())
        return
    paths = paths_here(reader.roots)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in figures.edges_by_kind.items())
    output.show(
        f"{counted(figures.nodes, 'node')}, {counted(figures.edges, 'edge')} ({kinds or 'none'})"
    )
    output.show(
        f"{counted(figures.components, 'component')}, the largest of "
        f"{counted(figures.largest_component, 'node')}; {counted(figures.orphans, 'orphan')}"
    )
    if figures.components > 1:
        sizes = " ".join(map(str, figures.component_sizes))
        more = " ..." if figures.components > len(figures.component_sizes) else ""
        output.show(f"nodes of the largest components: {sizes}{more}")
    sampled = figures.between_sampled
    estimated = f", estimated from {counted(sampled, 'page')}" if sampled is not None else ""
    for title, rows in (
        ("most edges in", figures.most_linked),
        ("hubs: most edges out", figures.hubs),
        ("central", figures.central),
        (f"in between{estimated}", figures.between),
    ):
        if rows:
            output.show(title)
        for node, value in rows:
            line = Text(f"   {value:>8.4g}  ")
            output.show(line.append(paths.node(node), style=paths.style(node)))
    if figures.orphans:
        output.note("docsearch graph links lists the orphans")


app.command("path")(show_path)
app.command("export")(export)


@app.command("links")
def links(
    index: IndexDir = None,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="KINDS",
            help="End with exit code 5 if there are any: broken, ambiguous, outside, unknown,"
            " orphans.",
        ),
    ] = "",
    layout: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="text, or github for annotations."),
    ] = "text",
    limit: Annotated[
        int | None,
        most_option(
            "Most lines to show of each kind, at least 1 (default 20; all with --format github)."
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Report broken and ambiguous links, and orphans: nodes without an edge.

    A link is allowed by a comment with docsearch-ignore beside it or on the line above, or by a
    pattern in .docsearchlinks in the indexed folder. Links that lead out of the folder are listed
    apart, and so are those into what only a build of the site makes, or another repository has
    (unknown): whether they lead somewhere is not known.

    \b
    Examples:
      docsearch graph links
      docsearch graph links --fail-on broken,ambiguous --format github
    """
    from docsearch_cli.cli.link_check import (
        FORMATS,
        failures,
        kinds_to_fail_on,
        print_annotations,
        show_report,
    )
    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.index.document_files import DocumentFiles
    from docsearch_cli.index.link_check import check_links

    kinds = kinds_to_fail_on(fail_on)
    if layout not in FORMATS:
        raise UsageError(
            f"--format {brief(layout)} is not one of {', '.join(FORMATS)}",
            hint="docsearch graph links --format github",
        )
    output = Output("graph links", as_json, quiet)
    reader = _open(index, output)
    report = check_links(reader)
    failed = list(failures(report, kinds))
    code = EXIT_CHECK_FAILED if failed else EXIT_DONE
    try:
        if as_json:
            output.result(report, exit_code=code)
        elif layout == "github":
            print_annotations(report, kinds, DocumentFiles(reader.roots), limit)
        else:
            show_report(output, report, limit, paths_here(reader.roots))
        if failed:
            output.note(f"the check failed: {', '.join(failed)}")
    except BrokenPipeError:  # what was found does not depend on how much of it is read
        raise Reported(code) from None
    if failed:
        raise Reported(code)
