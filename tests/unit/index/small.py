"""A small index of all that an index can hold, for tests that look into it."""

from __future__ import annotations

from pathlib import Path

from docsearch_cli.index.build import BuildResult, build_index
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from tests.support import write_files


def index_of(folder: Path, files: dict[str, str | bytes], **options: object) -> IndexReader:
    """Write files below a folder, index them and open the index."""
    build(folder, files, **options)
    return open_index(folder / "home")


def build(folder: Path, files: dict[str, str | bytes], **options: object) -> BuildResult:
    """Write files below a folder and index them."""
    write_files(folder / "docs", files)
    return build_index(folder / "home", [folder / "docs"], workers=1, **options)


def edges_of(index: IndexReader, kind: str | None = None) -> list[tuple[str, str, int, str]]:
    """Return source, target, line and text of the edges of a kind, or of all."""
    from docsearch_cli.graph.edge_kinds import kind_of_code

    graph = index.graph
    sources = graph.sources_of(graph.in_edges)
    found = [
        (
            index.node_id(int(source)),
            index.node_id(int(graph.targets[edge])),
            int(graph.lines[edge]),
            graph.texts[int(edge)],
        )
        for source, edge in zip(sources, graph.in_edges, strict=True)
        if kind in (None, kind_of_code(int(graph.kinds[edge])).name)
    ]
    return sorted(found)
