"""Builds an index: files in, one generation out.

    roots -> scan -> (unchanged? stop) -> read what changed, and what depends on it
          -> arrange with what stays -> links, mentions, graph -> vectors -> manifest -> CURRENT

A generation is written beside the current one and named by its digest. So a build that dies leaves
the old index in use, and the same files give the same generation, whether it is built from nothing
or from the earlier one, whose unaffected documents are copied byte for byte.
"""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docsearch_cli.corpus.walk.found_files import root_names
from docsearch_cli.embed.encoder import Encoder
from docsearch_cli.environment import refusal
from docsearch_cli.errors import (
    IndexCorruptError,
    IndexMissingError,
    InputError,
)
from docsearch_cli.index.changes import Scan, find_changes, scan
from docsearch_cli.index.document_changes import (
    DocumentChanges,
    compare_documents,
    refuse_removal,
)
from docsearch_cli.index.document_languages import FIND_EACH, LanguageSettings
from docsearch_cli.index.identity import BuildSettings, generation_digest, indexer_digest
from docsearch_cli.index.incremental import BuildProgress, Gathering, ReadBatches
from docsearch_cli.index.integrity import verify_checksums
from docsearch_cli.index.kept_settings import save_settings
from docsearch_cli.index.manifest import Manifest, Root, name_roots
from docsearch_cli.index.places import holder_of, stored_path
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.sources import EarlierIndex
from docsearch_cli.index.staleness import usable_index
from docsearch_cli.index.stat_cache import places_of, save_stats
from docsearch_cli.index.store import (
    BUILDING,
    clear_leftovers,
    name_generation,
    open_index,
    prepare_home,
    publish,
    stat_folder,
    swap_folders,
    writer_lock,
)
from docsearch_cli.index.writer import write_generation


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did."""

    digest: str
    unchanged: bool
    read: int
    """Files that were read; the rest was taken from the earlier index."""
    changes: DocumentChanges
    counts: dict[str, int]
    skipped: dict[str, int]
    """Files (or folders left out whole) that are not in the index, by reason."""
    broken_links: int
    ambiguous_links: int
    roots: tuple[Root, ...]
    left_out: tuple[str, ...]
    """Roots that the earlier index held and that were not named for this build."""
    model: str | None
    """Name of the model that the vectors are from; None without vectors."""
    language: str
    """The language of what is not clearly in another one."""
    languages: dict[str, int]
    """Documents of each language, that of most documents first."""
    seconds: float


def build_index(
    home: Path,
    paths: Sequence[Path],
    *,
    rebuild: bool = False,
    allow_empty: bool = False,
    allow_removal: bool = False,
    workers: int | None = None,
    progress: BuildProgress | None = None,
    encoder: Callable[[], Encoder] | None = None,
    revision: str = "",
    languages: LanguageSettings = FIND_EACH,
    systems: Mapping[str, tuple[str, ...]] | None = None,
    read_batches: ReadBatches | None = None,
) -> BuildResult:
    """Index files and folders, unless the index already holds exactly these.

    Args:
        home: The ``.docsearch`` folder to write.
        paths: Files and folders to index.
        rebuild: Read every file, whether it changed or not.
        allow_empty: Continue where a root that held documents no longer holds any.
        allow_removal: Continue where more than half of the documents are removed.
        workers: Processes that read files; by default one a core.
        progress: Called with how far each stage is.
        encoder: Makes what gives sections their vectors, once there is something to encode; None
            for an index without vectors.
        revision: The encoder's revision.
        languages: The languages that a person set; each document's is found by default.
        systems: Names of the documentation systems that a person set, by folder.
        read_batches: Reads files elsewhere; None to read them here.

    Returns:
        What was built, or that nothing had changed.

    Raises:
        InputError: If a path does not exist, or the index cannot be written.
        CorpusVanishedError: If a root that held documents no longer holds any.
        DocumentsRemovedError: If more than half of the documents would be removed.
        IndexLockedError: If another process is building this index.
    """
    started = time.monotonic()
    roots = _check_roots(paths)
    report = progress or (lambda _stage, _done, _total: None)
    settings = BuildSettings(
        roots=tuple(name_roots(roots)),
        indexer=indexer_digest(),
        encoder=encoder,
        revision=revision,
        languages=languages,
        systems=systems or {},
    )
    try:
        prepare_home(home)
        with writer_lock(home), _no_garbage_collection():
            report("looking for changes", 0, 0)
            clear_leftovers(home)
            current = _current(home)
            found = scan(roots)
            earlier = None if rebuild else usable_index(current, settings)
            changes = find_changes(found, earlier)
            if earlier is not None and not changes.to_read:
                kept = [earlier.documents[row] for row in changes.kept.nonzero()[0].tolist()]
                skipped = (*found.skipped, *changes.skipped)
                if generation_digest(settings, kept, skipped) == earlier.reader.digest:
                    with _workplace(home) as work:
                        return _unchanged(home, earlier, found, work, started)
            with _workplace(home) as work:
                content = Gathering(
                    found,
                    earlier,
                    changes,
                    work,
                    languages=languages,
                    systems=settings.systems,
                    workers=workers,
                    report=report,
                    read_batches=read_batches,
                ).run(_path_of_root(roots))
                documents = content.arrangement.documents
                document_changes = compare_documents(current, settings.roots, documents)
                refuse_removal(
                    document_changes,
                    current,
                    settings.roots,
                    documents,
                    allow_empty=allow_empty,
                    allow_removal=allow_removal,
                )
                digest = generation_digest(settings, documents, content.skipped)
                if earlier is not None and digest == earlier.reader.digest:
                    return _unchanged(home, earlier, found, work, started, read=content.read)
                generation = name_generation(home, digest)
                final = home / "index" / generation
                manifest = write_generation(
                    work / "generation", home, digest, settings, content, report
                )
                _remember(final, found, work)
                (work / "generation").rename(final)
                report("publishing", 0, 0)
                save_settings(home, manifest)
                publish(home, generation)
    except OSError as error:
        what = f"the index in {home} cannot be written"
        raise refusal(error, what) or InputError(
            f"{what}: {error.strerror or error}", hint="choose another place with --index DIR"
        ) from error
    left_out = _left_out(current, roots)
    return _result(
        manifest,
        read=content.read,
        changes=document_changes,
        left_out=left_out,
        started=started,
    )


def _path_of_root(roots: Sequence[Path]) -> dict[str, str]:
    return dict(zip(root_names(roots), map(str, roots), strict=True))


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


def _current(home: Path) -> IndexReader | None:
    """Return the current generation if it is whole."""
    try:
        reader = open_index(home)
        verify_checksums(reader)
    except (IndexMissingError, IndexCorruptError):
        return None
    return reader


def _left_out(current: IndexReader | None, roots: Sequence[Path]) -> tuple[str, ...]:
    """Return what the current index holds and this build does not read."""
    before = current.roots if current is not None else ()
    return tuple(
        root.path
        for root in before
        if not any(Path(root.path).is_relative_to(keeper) for keeper in roots)
    )


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turn the collector off: a build makes millions of values and hardly a cycle among them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _workplace(home: Path) -> Iterator[Path]:
    """Make a folder beside the generations for as long as a build takes."""
    folder = home / "index" / f"{os.getpid()}{BUILDING}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remember(generation: Path, found: Scan, work: Path) -> None:
    new = work / "stats"
    places = places_of(generation.parent, found.roots)
    holder = holder_of(generation)
    times = {stored_path(path, holder): time_ns for path, time_ns in found.times.items()}
    save_stats(new, found.files, times, places, found.started_ns)
    swap_folders(new, stat_folder(generation))


def _unchanged(
    home: Path, earlier: EarlierIndex, found: Scan, work: Path, started: float, *, read: int = 0
) -> BuildResult:
    save_settings(home, earlier.reader.manifest)
    _remember(earlier.reader.folder, found, work)
    return _result(earlier.reader.manifest, unchanged=True, read=read, started=started)


def _result(
    manifest: Manifest,
    *,
    started: float,
    read: int,
    changes: DocumentChanges | None = None,
    unchanged: bool = False,
    left_out: tuple[str, ...] = (),
) -> BuildResult:
    return BuildResult(
        digest=manifest.digest,
        unchanged=unchanged,
        read=read,
        changes=changes or DocumentChanges(before=manifest.counts["documents"]),
        counts=dict(manifest.counts),
        skipped=dict(manifest.skipped),
        broken_links=manifest.broken_links,
        ambiguous_links=manifest.ambiguous_links,
        roots=manifest.roots,
        left_out=left_out,
        model=manifest.model.name if manifest.model is not None else None,
        language=manifest.language,
        languages=dict(manifest.languages),
        seconds=time.monotonic() - started,
    )
