"""Building an index: corpus in, one generation out.

    roots -> fingerprint -> (unchanged? stop) -> documents -> tables -> keyword index
          -> links -> graph -> vectors -> manifest -> CURRENT

A generation is written beside the current one and named by its fingerprint, so a build that dies
leaves the old index in use, and the same files give the same generation.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.corpus.links import LinkReport, resolve_links
from docsearch_cli.corpus.load import load_corpus
from docsearch_cli.corpus.walk import FoundFile, root_names, walk
from docsearch_cli.embed.encoder import Encoder
from docsearch_cli.embed.model import IndexedModel
from docsearch_cli.errors import IndexCorruptError, IndexMissingError, InputError
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.graph.csr import save_graph
from docsearch_cli.index.edges import build_graph
from docsearch_cli.index.ledger import count_by_reason, save_ledger
from docsearch_cli.index.store import (
    BUILDING,
    LEDGER,
    LINK_REPORT,
    MANIFEST,
    SCHEMA_VERSION,
    IndexReader,
    Root,
    hash_file,
    name_generation,
    open_index,
    prepare_home,
    publish,
    verify_checksums,
    writer_lock,
)
from docsearch_cli.index.tables import arrange, save_tables
from docsearch_cli.index.vectors import save_vectors
from docsearch_cli.models import Corpus
from docsearch_cli.retrieval.keyword import save_keyword_index

# (stage, done, of how many); 0 of 0 where the length is not known.
Progress = Callable[[str, int, int], None]
# The packages whose code decides what an index holds.
_INDEXER = ("corpus", "embed", "graph", "retrieval", "index")


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
    left_out: tuple[str, ...]
    """Folders and files that the index held before this build, which was not asked for them."""
    model: str | None
    """Name of the model that the vectors are from; None if there are none."""
    language: str
    """That words are stemmed in."""
    seconds: float


def build_index(
    home: Path,
    paths: Sequence[Path],
    *,
    rebuild: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
    encoder: Callable[[], Encoder] | None = None,
    revision: str = "",
    language: str | None = None,
) -> BuildResult:
    """Index files and folders, unless the index already holds exactly these.

    Args:
        home: The ``.docsearch`` folder to write.
        paths: Files and folders to index.
        rebuild: Build even if nothing changed.
        workers: Processes that read files; by default one a core.
        progress: Told how far each stage is.
        encoder: Makes what gives sections their vectors, once there is something to encode; None
            for an index without.
        revision: The encoder's revision.
        language: That words are stemmed in; None for that of most documents.

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
            digest, hashes = _fingerprint(roots, revision, language)
            current = None if rebuild else _current(home)
            if current is not None and current.digest == digest:
                return _unchanged(current, started)
            left_out = _left_out(home, roots)
            corpus = load_corpus(
                roots, workers=workers, progress=lambda done, total: report("reading", done, total)
            )
            digest = _digest_of_what_was_read(digest, hashes, corpus)
            generation = name_generation(home, digest)
            final = home / "index" / generation
            made = encoder() if encoder is not None else None
            manifest = _build_generation(
                final, roots, digest, corpus, report, encoder=made, language=language
            )
            report("publishing", 0, 0)
            publish(home, generation)
    except OSError as error:
        raise InputError(
            f"the index in {home} cannot be written: {error.strerror or error}",
            hint="choose another place with --index DIR",
        ) from error
    return _result(manifest, left_out=left_out, unchanged=False, started=started)


def _left_out(home: Path, roots: Sequence[Path]) -> tuple[str, ...]:
    """Return what the current index holds and this build does not read."""
    try:
        before = open_index(home).roots
    except (IndexMissingError, IndexCorruptError):
        return ()
    kept = [str(root) for root in roots]
    return tuple(
        root.path
        for root in before
        if not any(Path(root.path).is_relative_to(keeper) for keeper in kept)
    )


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


def is_stale(reader: IndexReader) -> bool:
    """Tell whether the files, or the indexer, are others than when an index was built.

    Every file is read for it.
    """
    roots = [Path(root.path) for root in reader.roots]
    return not all(root.exists() for root in roots) or _digest_now(roots, reader) != reader.digest


def _digest_now(roots: Sequence[Path], reader: IndexReader) -> str:
    model = reader.model
    revision = model.revision if model is not None else ""
    return _fingerprint(roots, revision, reader.set_language)[0]


def _fingerprint(
    roots: Sequence[Path], revision: str, language: str | None
) -> tuple[str, dict[str, str]]:
    """Hash everything that decides what the index will hold.

    Args:
        roots: The folders and files to index.
        revision: Of the model that sections get their vectors from; empty if they get none.
        language: That was set; None if the documents tell it.

    Returns:
        The digest, and the hash of each file by path.
    """
    digest = hashlib.sha256()
    hashes: dict[str, str] = {}
    facts = (str(SCHEMA_VERSION), source_digest(_INDEXER), revision, language or "")
    digest.update("".join(f"{fact}\0" for fact in facts).encode())
    for root in roots:
        digest.update(f"{root}\0".encode("utf-8", "surrogateescape"))
    for found in walk(roots):
        if isinstance(found, FoundFile):
            try:
                content = hash_file(found.file)
            except OSError as error:
                content = f"unreadable {error.errno}"
            hashes[found.path] = content
            row = f"{found.path}\0{content}\0"
        else:
            row = f"{found.path}\0{found.reason}\0{found.detail}\0"
        digest.update(row.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32], hashes


def _digest_of_what_was_read(digest: str, hashes: dict[str, str], corpus: Corpus) -> str:
    """Return the digest, or another one if a file changed between hashing and reading.

    Then the index holds what no later look at the files will find again, so it must be stale.
    """
    changed = [
        f"{document.path}\0{document.content_hash}"
        for document in corpus.documents
        if hashes.get(document.path) != document.content_hash
    ]
    if not changed:
        return digest
    return hashlib.sha256("\0".join([digest, *changed]).encode("utf-8", "replace")).hexdigest()[:32]


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


def _result(
    manifest: dict[str, Any], *, unchanged: bool, started: float, left_out: tuple[str, ...] = ()
) -> BuildResult:
    return BuildResult(
        digest=manifest["digest"],
        unchanged=unchanged,
        counts=dict(manifest["counts"]),
        skipped=dict(manifest["skipped"]),
        broken_links=manifest["broken_links"],
        ambiguous_links=manifest["ambiguous_links"],
        roots=tuple(Root(root["name"], root["path"]) for root in manifest["roots"]),
        left_out=left_out,
        model=manifest["model"]["name"] if manifest.get("model") else None,
        language=manifest["language"],
        seconds=time.monotonic() - started,
    )


def _build_generation(
    final: Path,
    roots: Sequence[Path],
    digest: str,
    corpus: Corpus,
    report: Progress,
    *,
    encoder: Encoder | None,
    language: str | None,
) -> dict[str, Any]:
    """Write all files of a generation beside the others, then give it its name."""
    folder = final.with_name(final.name + BUILDING)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tables = arrange(corpus.documents)
    report("keyword index", 0, 0)
    own_language = language or tables.detect_language()
    save_keyword_index(folder, [tables.tokens_of(row, own_language) for row in tables.rows])
    save_tables(folder, tables)
    report("graph", 0, 0)
    links = resolve_links(
        tables.documents,
        other_files=frozenset(row.path for row in corpus.ledger if row.status == "skipped"),
        roots=corpus.roots,
    )
    graph = build_graph(tables, links)
    save_graph(folder, graph)
    model: IndexedModel | None = None
    if encoder is not None:
        model = encoder.model
        save_vectors(
            folder,
            final.parent.parent,
            tables,
            encoder,
            lambda done, total: report("embeddings", done, total),
        )
    save_ledger(folder / LEDGER, corpus.ledger)
    (folder / LINK_REPORT).write_text(_link_report(links), encoding="utf-8")
    manifest = {
        "schema": SCHEMA_VERSION,
        "digest": digest,
        "model": asdict(model) if model is not None else None,
        "language": own_language,
        "language_is_set": language is not None,
        "roots": [asdict(root) for root in _named(roots)],
        "counts": {
            "documents": len(tables.documents),
            "nodes": len(tables.nodes),
            "sections": len(tables.rows),
            "words": sum(len(row.plain.split()) for row in tables.rows),
            "edges": int(graph.number_of_edges()),
        },
        "skipped": count_by_reason(corpus.ledger),
        "broken_links": len(links.broken),
        "ambiguous_links": len(links.ambiguous),
        "files": _checksums(folder),
    }
    _write_durably(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
    folder.rename(final)
    return manifest


def _named(roots: Sequence[Path]) -> list[Root]:
    """Name each root as the walk prefixes its paths: not at all when there is only one."""
    if len(roots) == 1:
        return [Root("", str(roots[0]))]
    return [Root(name, str(root)) for name, root in zip(root_names(roots), roots, strict=True)]


def _link_report(links: LinkReport) -> str:
    report = {
        "resolved": len(links.edges),
        "external": links.external,
        "local": links.local,
        "other": links.other,
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
