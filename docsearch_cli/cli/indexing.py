"""Making an index, again or for the first time, as a command asks for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from docsearch_cli.cli import signals
from docsearch_cli.cli.index_settings import encoder_of, wanted_model
from docsearch_cli.cli.index_summary import result_lines
from docsearch_cli.cli.output import Output
from docsearch_cli.cli.progress import progress_bar
from docsearch_cli.cli.watch_files import changes
from docsearch_cli.errors import (
    CorpusVanishedError,
    DocsearchError,
    DocumentsRemovedError,
    IndexCorruptError,
    IndexLockedError,
    InputError,
)
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine

if TYPE_CHECKING:
    from docsearch_cli.embed.model import ModelFolder
    from docsearch_cli.index.build import BuildResult
    from docsearch_cli.index.document_languages import LanguageSettings
    from docsearch_cli.index.incremental import ReadBatches
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.index.verify import Comparison


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to index, and how."""

    home: Path
    paths: tuple[Path, ...]
    model: ModelFolder | None
    languages: LanguageSettings
    systems: Mapping[str, tuple[str, ...]]
    rebuild: bool = False
    allow_empty: bool = False
    allow_removal: bool = False
    engine: str = DEFAULT_ENGINE
    scheduler: str = ""


def roots_of(home: Path, before: IndexReader) -> tuple[Path, ...]:
    """Return the folders that an index was made from here.

    Raises:
        InputError: If it was made from other folders than those now at their paths.
    """
    from docsearch_cli.index.freshness import is_made_here

    if not is_made_here(before):
        gone = [root.path for root in before.roots if not Path(root.path).exists()]
        if gone:
            raise InputError(
                f"the index in {home} was made from {', '.join(gone)}, which is gone",
                hint="if the folder was moved, index it where it is now: docsearch index PATH",
            )
        named = ", ".join(root.path for root in before.roots)
        raise InputError(
            f"the index in {home} was not made here from the folder that is now at {named}",
            hint="to index the one that is there now: docsearch index PATH",
        )
    return tuple(Path(root.path) for root in before.roots)


def index_again(output: Output, home: Path) -> None:
    """Index the folders of an index again, in the same way; say so if anything had changed.

    Raises:
        InputError: If the index was made from other folders than those now at their paths.
    """
    from docsearch_cli.index.store import open_index

    before = open_index(home)
    roots = roots_of(home, before)
    model = wanted_model(output, None, before.model)
    result = _build(
        output, Wanted(home, roots, model, before.set_languages, before.manifest.systems)
    )
    if not result.unchanged:
        output.note(result_lines(result)[0])
        if result.changes.removed:
            output.note(f"documents: {result.changes.in_words()}")


def build_or_ask(output: Output, wanted: Wanted) -> BuildResult:
    """Build; where most documents would be removed, ask the person at the terminal."""
    try:
        return _build(output, wanted)
    except DocumentsRemovedError as error:
        # The index is as it was while the question stands; nothing is kept waiting for an answer.
        if not _is_answered(output):
            raise
        output.note(error.message)
        if not typer.confirm("Remove them from the index?", err=True):
            raise
    return _build(output, replace(wanted, allow_removal=True))


def _is_answered(output: Output) -> bool:
    """Tell whether a person sits at the terminal, to read a question and to answer it."""
    return output.shows_progress and sys.stdin is not None and sys.stdin.isatty()


def _build(output: Output, wanted: Wanted) -> BuildResult:
    from docsearch_cli.index.build import build_index

    model = wanted.model
    with progress_bar(output) as progress:
        return build_index(
            wanted.home,
            wanted.paths,
            rebuild=wanted.rebuild,
            allow_empty=wanted.allow_empty,
            allow_removal=wanted.allow_removal,
            progress=progress,
            encoder=partial(encoder_of, model) if model is not None else None,
            revision=model.revision if model is not None else "",
            languages=wanted.languages,
            systems=wanted.systems,
            workers=1 if wanted.engine == "inline" else None,
            read_batches=_read_elsewhere(output, wanted),
        )


def _read_elsewhere(output: Output, wanted: Wanted) -> ReadBatches | None:
    """Return what reads files on other machines, if that was asked for."""
    if not find_engine(wanted.engine).is_elsewhere:
        return None
    from docsearch_cli.batch.reading import read_on
    from docsearch_cli.config import load_settings
    from docsearch_cli.search.result import AskOptions

    settings = load_settings({}, beside=wanted.home.parent)
    return read_on(
        AskOptions(settings, engine=wanted.engine, scheduler=wanted.scheduler, tell=output.note)
    )


def verify_index(output: Output, wanted: Wanted) -> Comparison:
    """Compare the index with a clean build.

    Raises:
        IndexCorruptError: If they differ.
    """
    from docsearch_cli.index.verify import compare_with_clean_build

    with progress_bar(output) as progress:
        found = compare_with_clean_build(
            wanted.home,
            wanted.paths,
            languages=wanted.languages,
            systems=wanted.systems,
            progress=progress,
        )
    if found.differing:
        raise IndexCorruptError(
            f"the index differs from a clean build in {', '.join(found.differing)}",
            hint="if the documents have not just changed, this is a bug in docsearch;"
            " docsearch index PATH --rebuild repairs the index",
        )
    return found


def watch_and_build(output: Output, wanted: Wanted) -> None:
    """Update the index whenever a file changes, until a signal comes."""
    output.note("watching for changes; Ctrl-C stops")
    is_due = False
    for has_changed in changes(wanted.paths):
        signals.check()
        if not (has_changed or is_due):
            continue
        try:
            result = _build(output, wanted)
        except DocsearchError as error:  # what is missing now may be back in a moment
            if not is_due:
                output.note(f"not indexed: {error.message}")
                if isinstance(error, (CorpusVanishedError, DocumentsRemovedError)):
                    output.note(f"  {error.hint}")
            is_due = isinstance(error, IndexLockedError)  # nothing reports when the lock is free
            continue
        is_due = False
        if not result.unchanged:
            removed = f"; documents: {result.changes.in_words()}" if result.changes.removed else ""
            output.show(f"{time.strftime('%H:%M:%S')}  {result_lines(result)[0]}{removed}")
