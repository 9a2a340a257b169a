"""``docsearch graph export``: the graph, or what is near a page, for other programs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_documents
from docsearch_cli.cli.graph_kinds import EdgeKinds, codes_of
from docsearch_cli.cli.options import (
    IndexDir,
    Json,
    Quiet,
    a_path,
    a_place,
    home_for_reading,
)
from docsearch_cli.cli.output import Output, counted, print_utf8
from docsearch_cli.cli.written_file import write_file
from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.graph.exports.table import EXPORT_FORMATS, ExportFormat
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docsearch_cli.graph.excerpt import Excerpt
    from docsearch_cli.index.reader import IndexReader

# Characters that are written at a time.
_PIECE_CHARS = 1 << 20
_MEANINGS = "; ".join(f"{row.name}: {row.meaning}" for row in EXPORT_FORMATS.values())


def export(
    layout: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help=f"{_MEANINGS}.")
    ] = "graphml",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            parser=a_path,
            help="The file to write, replaced if it exists (default: stdout).",
            show_default=False,
        ),
    ] = None,
    around: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            parser=a_place,
            help="Only what is near this page.",
            show_default=False,
            autocompletion=complete_documents,
        ),
    ] = None,
    hops: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Most edges between that page and another one, walked either way (default 2).",
            show_default=False,
        ),
    ] = None,
    kinds: EdgeKinds = "",
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the graph, or what is near a page, for other programs or as a picture.

    An edge has its kind, its weight, its line in the source and the words that carry it. A picture
    (html, svg) shows some hundreds of pages at most: --around chooses. The same index gives the
    same bytes.

    \b
    Examples:
      docsearch graph export --format graphml --out docs.graphml
      docsearch graph export --format html --around setup.md --hops 1 --out near-setup.html
    """
    from docsearch_cli.index.store import open_index

    chosen = EXPORT_FORMATS.get(layout)
    if chosen is None:
        raise UsageError(
            f"--format {brief(layout)} is not one of {', '.join(EXPORT_FORMATS)}",
            hint="docsearch graph export --format graphml",
        )
    if hops is not None and around is None:
        raise UsageError("--hops needs --around", hint="--around PATH --hops 2")
    if as_json and out is None:
        raise UsageError(
            "--json reports on the file that was written, so it needs --out FILE",
            hint="docsearch graph export --format json prints the graph itself",
        )
    codes = codes_of(kinds)
    output = Output("graph export", as_json, quiet)
    reader = open_index(home_for_reading(index, output))
    excerpt = _excerpt(reader, codes, around, 2 if hops is None else hops)
    _refuse_too_many(excerpt, chosen)
    pieces = _in_pieces(chosen.write(excerpt))
    if out is None:
        for piece in pieces:
            print_utf8(piece)
        return
    size = write_file(out, pieces)
    if as_json:
        counts = {"nodes": len(excerpt.nodes), "edges": excerpt.edge_count}
        around_id = excerpt.around or None
        written = {"format": chosen.name, "around": around_id, "file": str(out), "bytes": size}
        output.result(written | counts)
        return
    nodes, edges = counted(len(excerpt.nodes), "node"), counted(excerpt.edge_count, "edge")
    output.note(f"{out}: {nodes}, {edges}, {size:,} bytes")


def _excerpt(reader: IndexReader, codes: list[int], around: str | None, hops: int) -> Excerpt:
    from docsearch_cli.graph.excerpt import take_excerpt
    from docsearch_cli.index.find_document import find_node
    from docsearch_cli.index.home import current_working_folder

    start = None
    if around is not None:
        start = reader.node_row(find_node(reader, around, current_working_folder()))
    rows = range(reader.node_count)
    return take_excerpt(
        reader.graph,
        [reader.node_id(row) for row in rows],
        [reader.node_title(row) for row in rows],
        codes=codes,
        around=start,
        hops=hops,
    )


def _refuse_too_many(excerpt: Excerpt, chosen: ExportFormat) -> None:
    most = chosen.most_nodes
    if most is None or len(excerpt.nodes) <= most:
        return
    busiest = max(excerpt.nodes, key=lambda node: (node.edges_in, node.edges_out))
    hint = "--hops 1, --kinds link, or a page that fewer lead to"
    if not excerpt.around:
        near = f"--around {shlex.quote(busiest.path)} --hops 1"
        hint = f"docsearch graph export --format {chosen.name} {near}"
    raise InputError(
        f"{counted(len(excerpt.nodes), 'page')} cannot be drawn so that they can be read:"
        f" at most {most} with --format {chosen.name}",
        hint=f"{hint}; --format graphml and dot take any number",
    )


def _in_pieces(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines together, so that few writes are needed and little is in memory."""
    held: list[str] = []
    chars = 0
    for line in lines:
        held.append(line)
        chars += len(line)
        if chars >= _PIECE_CHARS:
            yield "".join(held)
            held, chars = [], 0
    yield "".join(held)
