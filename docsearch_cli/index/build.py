"""Building an index: corpus in, one generation out.

    roots -> fingerprint -> (unchanged? stop) -> documents -> sections, nodes
          -> keyword index, names, graph -> manifest -> CURRENT

A generation is written beside the current one and named by its fingerprint, so a build that dies
leaves the old index in use, and the same files give the same generation.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from docsearch_cli.arrays import rows_of, save_array, save_strings
from docsearch_cli.corpus.links import LinkReport, resolve_links
from docsearch_cli.corpus.load import load_corpus
from docsearch_cli.corpus.plain import plain_text
from docsearch_cli.corpus.sections import split_long
from docsearch_cli.corpus.walk import FoundFile, root_names, walk
from docsearch_cli.errors import IndexCorruptError, IndexMissingError, InputError
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.graph.build import add_edge, add_mentions, add_structure, new_graph
from docsearch_cli.graph.csr import save_graph
from docsearch_cli.graph.mentions import (
    NamedNode,
    SourceText,
    find_mentions,
    name_words,
    names_of,
)
from docsearch_cli.graph.nodes import Node, cut_into_nodes
from docsearch_cli.index.ledger import count_by_reason, save_ledger
from docsearch_cli.index.store import (
    LEDGER,
    LINK_REPORT,
    MANIFEST,
    MARKUPS,
    SCHEMA_VERSION,
    IndexReader,
    Root,
    hash_file,
    open_index,
    prepare_home,
    publish,
    verify_checksums,
    writer_lock,
)
from docsearch_cli.models import Document, Section
from docsearch_cli.retrieval.keyword import save_keyword_index
from docsearch_cli.retrieval.tokens import tokenize

# (stage, done, of how many); 0 of 0 where the length is not known.
Progress = Callable[[str, int, int], None]
# The packages whose code decides what an index holds.
_INDEXER = ("corpus", "graph", "retrieval", "index")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did."""

    digest: str
    unchanged: bool
    counts: dict[str, int]
    skipped: dict[str, int]
    """Files (or folders left out whole) that are not in the index, by reason."""
    broken_links: int
    ambiguous_links: int
    roots: tuple[Root, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """A section as the index stores it."""

    section: Section
    document: int
    plain: str


def build_index(
    home: Path,
    paths: Sequence[Path],
    *,
    rebuild: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Index files and folders, unless the index already holds exactly these.

    Args:
        home: The ``.docsearch`` folder to write.
        paths: Files and folders to index.
        rebuild: Build even if nothing changed.
        workers: Processes that read files; by default one a core.
        progress: Told how far each stage is.

    Returns:
        What was built, or that nothing had changed.

    Raises:
        InputError: If a path does not exist, or the index cannot be written.
        IndexLockedError: If another process is building this index.
    """
    started = time.monotonic()
    roots = _check_roots(paths)
    report = progress or (lambda _stage, _done, _total: None)
    try:
        prepare_home(home)
        with writer_lock(home):
            report("looking for changes", 0, 0)
            digest = _fingerprint(roots)
            current = None if rebuild else _current(home)
            if current is not None and current.digest == digest:
                return _unchanged(current, started)
            manifest = _build_generation(home, roots, digest, workers, report)
            publish(home, digest)
    except OSError as error:
        raise InputError(
            f"the index in {home} cannot be written: {error.strerror or error}",
            hint="choose another place with --index DIR",
        ) from error
    return _result(manifest, unchanged=False, started=started)


def _check_roots(paths: Sequence[Path]) -> list[Path]:
    roots: list[Path] = []
    for path in paths:
        try:
            resolved = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(
                f"there is no file or folder {str(path)!r}", hint="check the path's spelling"
            ) from error
        if resolved not in roots:
            roots.append(resolved)
    return roots


def _fingerprint(roots: Sequence[Path]) -> str:
    """Hash everything that decides what the index will hold."""
    digest = hashlib.sha256()
    digest.update(f"{SCHEMA_VERSION}\0{source_digest(_INDEXER)}\0".encode())
    for root in roots:
        digest.update(f"{root}\0".encode("utf-8", "surrogateescape"))
    for found in walk(roots):
        if isinstance(found, FoundFile):
            try:
                content = hash_file(found.file)
            except OSError as error:
                content = f"unreadable {error.errno}"
            row = f"{found.path}\0{content}\0"
        else:
            row = f"{found.path}\0{found.reason}\0{found.detail}\0"
        digest.update(row.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def _current(home: Path) -> IndexReader | None:
    """Return the current generation if it is whole."""
    try:
        reader = open_index(home)
        verify_checksums(reader)
    except (IndexMissingError, IndexCorruptError):
        return None
    return reader


def _unchanged(reader: IndexReader, started: float) -> BuildResult:
    return _result(dict(reader.manifest), unchanged=True, started=started)


def _result(manifest: dict[str, Any], *, unchanged: bool, started: float) -> BuildResult:
    return BuildResult(
        digest=manifest["digest"],
        unchanged=unchanged,
        counts=dict(manifest["counts"]),
        skipped=dict(manifest["skipped"]),
        broken_links=manifest["broken_links"],
        ambiguous_links=manifest["ambiguous_links"],
        roots=tuple(Root(root["name"], root["path"]) for root in manifest["roots"]),
        seconds=time.monotonic() - started,
    )


def _build_generation(
    home: Path, roots: Sequence[Path], digest: str, workers: int | None, report: Progress
) -> dict[str, Any]:
    """Write all files of a generation and give it its name."""
    final = home / "index" / digest
    folder = home / "index" / f"{digest}.building"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    corpus = load_corpus(
        roots, workers=workers, progress=lambda done, total: report("reading", done, total)
    )
    documents = sorted(corpus.documents, key=lambda item: item.path.encode("utf-8", "replace"))
    pieces, nodes, first_piece = _cut(documents)
    report("keyword index", 0, 0)
    save_keyword_index(folder, [_tokens_of(piece, documents) for piece in pieces])
    _save_tables(folder, documents, pieces, nodes)
    report("graph", 0, 0)
    links = resolve_links(documents)
    edges = _save_graph(folder, documents, pieces, nodes, first_piece, links)
    save_ledger(folder / LEDGER, corpus.ledger)
    (folder / LINK_REPORT).write_text(_link_report(links), encoding="utf-8")
    manifest = {
        "schema": SCHEMA_VERSION,
        "digest": digest,
        "roots": [asdict(root) for root in _named(roots)],
        "counts": {
            "documents": len(documents),
            "nodes": len(nodes),
            "sections": len(pieces),
            "words": sum(len(piece.plain.split()) for piece in pieces),
            "edges": edges,
        },
        "skipped": count_by_reason(corpus.ledger),
        "broken_links": len(links.broken),
        "ambiguous_links": len(links.ambiguous),
        "files": _checksums(folder),
    }
    _write_durably(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
    shutil.rmtree(final, ignore_errors=True)
    folder.rename(final)
    return manifest


def _named(roots: Sequence[Path]) -> list[Root]:
    """Name each root as the walk prefixes its paths: not at all when there is only one."""
    if len(roots) == 1:
        return [Root("", str(roots[0]))]
    return [Root(name, str(root)) for name, root in zip(root_names(roots), roots, strict=True)]


def _cut(
    documents: Sequence[Document],
) -> tuple[list[_Piece], list[Node], list[list[int]]]:
    """Split long sections and long documents.

    Args:
        documents: In the order they are stored.

    Returns:
        The pieces of all documents in order, the nodes, and for each document the first piece of
        each of its sections.
    """
    pieces: list[_Piece] = []
    nodes: list[Node] = []
    first_piece: list[list[int]] = []
    for row, document in enumerate(documents):
        start = len(pieces)
        firsts: list[int] = []
        for section in document.sections:
            firsts.append(len(pieces))
            pieces.extend(
                _Piece(piece, row, plain_text(piece.text, document.markup))
                for piece in split_long((section,))
            )
        first_piece.append(firsts)
        words = [piece.plain.count(" ") + 1 for piece in pieces[start:]]
        nodes.extend(cut_into_nodes(document.path, row, start, words))
    return pieces, nodes, first_piece


def _tokens_of(piece: _Piece, documents: Sequence[Document]) -> list[str]:
    """Return what a section is found by: its document's title twice, its heading, its text."""
    title = tokenize(documents[piece.document].title)
    return title + title + tokenize(piece.section.heading) + tokenize(piece.plain)


def _save_tables(
    folder: Path, documents: Sequence[Document], pieces: Sequence[_Piece], nodes: Sequence[Node]
) -> None:
    save_strings(folder, "documents.paths", (document.path for document in documents))
    save_strings(folder, "documents.titles", (document.title for document in documents))
    save_strings(folder, "documents.hashes", (document.content_hash for document in documents))
    markups = [MARKUPS.index(document.markup) for document in documents]
    save_array(folder, "documents.markups", np.array(markups, dtype=np.uint8))
    save_array(
        folder, "nodes.documents", np.array([node.document for node in nodes], dtype=np.int32)
    )
    save_array(folder, "nodes.parts", np.array([node.part for node in nodes], dtype=np.int32))
    starts = [node.first_section for node in nodes] + [len(pieces)]
    save_array(folder, "nodes.starts", np.array(starts, dtype=np.int64))
    lines = [(piece.section.line_start, piece.section.line_end) for piece in pieces]
    save_array(folder, "sections.lines", np.array(lines, dtype=np.int32).reshape(-1, 2))
    save_strings(folder, "sections.headings", (piece.section.heading for piece in pieces))
    save_strings(folder, "sections.texts", (piece.section.text for piece in pieces))
    _save_names(folder, _named_nodes(documents, nodes))


def _named_nodes(documents: Sequence[Document], nodes: Sequence[Node]) -> list[NamedNode]:
    return [
        NamedNode(row, names_of(documents[node.document].title, documents[node.document].aliases))
        for row, node in enumerate(nodes)
        if node.part == 0
    ]


def _save_names(folder: Path, named: Sequence[NamedNode]) -> None:
    by_name: dict[str, list[int]] = {}
    for entry in named:
        for name in entry.names:
            words = " ".join(name_words(name))
            if words and entry.node not in by_name.setdefault(words, []):
                by_name[words].append(entry.node)
    names = sorted(by_name, key=lambda name: name.encode("utf-8", "replace"))
    starts, rows = rows_of([by_name[name] for name in names])
    save_strings(folder, "names", names)
    save_array(folder, "names.starts", starts)
    save_array(folder, "names.nodes", rows)


def _save_graph(
    folder: Path,
    documents: Sequence[Document],
    pieces: Sequence[_Piece],
    nodes: Sequence[Node],
    first_piece: Sequence[Sequence[int]],
    links: LinkReport,
) -> int:
    graph = new_graph(nodes, [documents[node.document].title for node in nodes])
    row_of = {document.path: row for row, document in enumerate(documents)}
    nodes_of: list[list[int]] = [[] for _ in documents]
    for row, node in enumerate(nodes):
        nodes_of[node.document].append(row)
    for link in links.edges:
        source, target = row_of[link.source_path], row_of[link.target_path]
        section = None
        if link.target_section is not None:
            section = first_piece[target][link.target_section]
        add_edge(
            graph,
            _node_at_line(nodes_of[source], nodes, pieces, link.line),
            _node_of_piece(nodes_of[target], nodes, section),
            "link",
            line=link.line,
            text=link.text,
        )
    mentions = find_mentions(_named_nodes(documents, nodes), _source_texts(nodes, pieces))
    add_mentions(graph, mentions)
    add_structure(graph, nodes, [document.path for document in documents])
    save_graph(folder, graph)
    return int(graph.number_of_edges())


def _node_at_line(
    rows: Sequence[int], nodes: Sequence[Node], pieces: Sequence[_Piece], line: int
) -> int:
    for row in rows[:-1]:
        if line <= pieces[nodes[row].end_section - 1].section.line_end:
            return row
    return rows[-1]


def _node_of_piece(rows: Sequence[int], nodes: Sequence[Node], piece: int | None) -> int:
    if piece is not None:
        for row in rows:
            if nodes[row].first_section <= piece < nodes[row].end_section:
                return row
    return rows[0]


def _source_texts(nodes: Sequence[Node], pieces: Sequence[_Piece]) -> Iterator[SourceText]:
    for row, node in enumerate(nodes):
        for piece in pieces[node.first_section : node.end_section]:
            yield SourceText(row, piece.plain, piece.section.text, piece.section.line_start)


def _link_report(links: LinkReport) -> str:
    report = {
        "resolved": len(links.edges),
        "external": links.external,
        "local": links.local,
        "broken": [asdict(link) for link in links.broken],
        "ambiguous": [asdict(link) for link in links.ambiguous],
    }
    return json.dumps(report, ensure_ascii=False)


def _checksums(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.name: {"bytes": path.stat().st_size, "sha256": hash_file(path)}
        for path in sorted(folder.iterdir())
    }


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
