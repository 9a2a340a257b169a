"""``docsearch index``: build or refresh the index."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli import signals
from docsearch_cli.cli.completion import complete_engines, complete_languages
from docsearch_cli.cli.options import (
    IndexDirToMake,
    Json,
    Quiet,
    Scheduler,
    a_path,
    a_place,
    home_for_reading,
    home_for_writing,
)
from docsearch_cli.cli.output import Output, counted, language_counts
from docsearch_cli.cli.progress import progress_bar
from docsearch_cli.cli.watch_files import changes
from docsearch_cli.errors import (
    ConfigError,
    CorpusVanishedError,
    DocsearchError,
    DocumentsRemovedError,
    IndexCorruptError,
    IndexLockedError,
    IndexMissingError,
    InputError,
    UsageError,
)
from docsearch_cli.search.engines import DEFAULT_ENGINE, describe_engines, find_engine

if TYPE_CHECKING:
    from docsearch_cli.embed.encoder import Encoder
    from docsearch_cli.embed.model import IndexedModel, ModelFolder, NamedModel
    from docsearch_cli.index.build import BuildResult
    from docsearch_cli.index.document_languages import LanguageSettings
    from docsearch_cli.index.incremental import ReadBatches
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.index.verify import Comparison


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH...",
            help="Folders or files (default: those that are indexed already).",
            parser=a_path,
            show_default=False,
        ),
    ] = None,
    index: IndexDirToMake = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Read every file again, changed or not.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Keep running, and update the index whenever a file changes."),
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Then compare the index with a clean build.")
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option("--allow-empty", help="Accept that a folder has lost all its documents."),
    ] = False,
    allow_removal: Annotated[
        bool,
        typer.Option(
            "--allow-removal",
            help="Accept that more than half of the documents are removed from the index;"
            " without it, that is asked on a terminal, else refused.",
        ),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="DOCSEARCH_MODEL",
            parser=a_place,
            show_default=False,
            help="Embedding model: a name or a folder (default: that of the index, if it has one).",
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            autocompletion=complete_languages,
            help="Language of the documents, such as german or de; none turns stemming off"
            " (default: what was set before, else auto: that of each document is found).",
        ),
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Index without embeddings.")] = False,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="NAME",
            help=f"Where files are read: {describe_engines()}.",
            autocompletion=complete_engines,
        ),
    ] = DEFAULT_ENGINE,
    scheduler: Scheduler = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Index a folder of documents as a graph.

    Reads Markdown, reStructuredText, AsciiDoc, Org, HTML, text, PDF, Word and OpenDocument files,
    slides, books, mail, notebooks, tables, TeX, manual pages, subtitles and API descriptions;
    .gitignore and .docsearchignore apply. Every file that is skipped is counted, with the reason.
    If there is an index already, only what has changed is read.

    \b
    Examples:
      docsearch index ./docs
      docsearch index ./docs ./notes --index ~/search
      docsearch index ./docs --model all-MiniLM-L6-v2
      docsearch index ./docs --watch
      docsearch index
    """
    from docsearch_cli.index.kept_settings import kept_settings
    from docsearch_cli.index.store import current_generation, open_index

    find_engine(engine)
    output = Output("index", as_json, quiet)
    home = home_for_writing(index) if paths else _home_to_update(output, index)
    if model and no_model:
        raise UsageError("--model and --no-model exclude each other", hint="give one of them")
    if watch and as_json:
        raise UsageError(
            "--watch never ends, so it prints no JSON document", hint="give one of them"
        )
    is_first = current_generation(home) is None
    kept = kept_settings(home)
    if kept.lost and (language is None or (model is None and not no_model)):
        output.note(
            f"which language and model were set for this index is not known ({kept.lost}):"
            " if you set them, give --language and --model again"
        )
    wanted = _Wanted(
        home=home,
        paths=tuple(paths or _roots_of(home, open_index(home))),
        model=None if no_model else _find_model(output, model, kept.model),
        languages=_languages(home, language, kept.language),
        systems=_systems(home),
        rebuild=rebuild,
        allow_empty=allow_empty,
        allow_removal=allow_removal,
        engine=engine,
        scheduler=scheduler,
    )
    result = _build_or_ask(output, wanted)
    differing = _verify(output, wanted) if verify else None
    if as_json:
        output.result({**_to_dict(home, result), "verified": differing is not None})
        return
    for line in _lines(result):
        output.show(line)
    if differing is not None:
        output.show(f"verified: {differing.compared} files equal those of a clean build")
    for folder in _missing_folders(wanted.systems, result):
        output.note(f"warning: [systems] names {folder!r}, which is no folder of what is indexed")
    for path in result.left_out:
        output.note(
            f"no longer indexed: {path}; to keep it, name every folder: docsearch index PATH..."
        )
    if is_first and result.model is None and result.counts["documents"] and not no_model:
        output.note(_meaning_words())
    if not result.counts["documents"]:
        output.note("the index is empty; docsearch status --skipped shows what was skipped")
    if watch:
        _watch(output, replace(wanted, rebuild=False))


def _meaning_words() -> str:
    """Return how to search by meaning too, for a person who has just made a first index."""
    from importlib.util import find_spec

    command = "docsearch index --model all-MiniLM-L6-v2"
    if find_spec("sentence_transformers") is not None:
        return f"to search by meaning too: {command}"
    from docsearch_cli.installation import install_hint

    return f"to search by meaning too, {command}; that needs an extra: {install_hint('semantic')}"


@dataclass(frozen=True, slots=True)
class _Wanted:
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


def _home_to_update(output: Output, index: str | None) -> Path:
    """Return the folder of the index that is there to be updated."""
    try:
        return home_for_reading(index, output)
    except IndexMissingError as error:
        raise UsageError(
            "there is no index here yet, so a folder must be named", hint="docsearch index PATH"
        ) from error


def _roots_of(home: Path, before: IndexReader) -> tuple[Path, ...]:
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
    roots = _roots_of(home, before)
    model = _find_model(output, None, before.model)
    result = _build(
        output, _Wanted(home, roots, model, before.set_languages, before.manifest.systems)
    )
    if not result.unchanged:
        output.note(_lines(result)[0])
        if result.changes.removed:
            output.note(f"documents: {result.changes.in_words()}")


def _build_or_ask(output: Output, wanted: _Wanted) -> BuildResult:
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


def _build(output: Output, wanted: _Wanted) -> BuildResult:
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
            encoder=partial(_encoder, model) if model is not None else None,
            revision=model.revision if model is not None else "",
            languages=wanted.languages,
            systems=wanted.systems,
            workers=1 if wanted.engine == "inline" else None,
            read_batches=_read_elsewhere(output, wanted),
        )


def _read_elsewhere(output: Output, wanted: _Wanted) -> ReadBatches | None:
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


def _verify(output: Output, wanted: _Wanted) -> Comparison:
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


def _watch(output: Output, wanted: _Wanted) -> None:
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
            output.show(f"{time.strftime('%H:%M:%S')}  {_lines(result)[0]}{removed}")


def _languages(home: Path, given: str | None, set_before: str | None) -> LanguageSettings:
    """Return the languages to index in, as far as they are set."""
    from docsearch_cli.config import load_settings
    from docsearch_cli.document_settings import AUTO_LANGUAGE
    from docsearch_cli.index.document_languages import LanguageSettings

    settings = load_settings({}, language=given, beside=home.parent)
    setting, parts = settings.language, settings.languages
    whole = set_before
    if setting.value == AUTO_LANGUAGE:
        whole = None
    elif setting.value is not None:
        whole = _named_language(setting.value, setting.origin)
    named = {
        pattern: _named_language(name, f"{pattern!r} in {parts.origin}")
        for pattern, name in parts.value.items()
    }
    return LanguageSettings(whole, named)


def _named_language(value: str, origin: str) -> str:
    from docsearch_cli.document_settings import AUTO_LANGUAGE
    from docsearch_cli.retrieval.languages import (
        ALL_LANGUAGES,
        LANGUAGE_OF_CODE,
        LANGUAGES,
        NO_LANGUAGE,
    )

    name = LANGUAGE_OF_CODE.get(value, value)
    if name in ALL_LANGUAGES:
        return name
    error = UsageError if origin == "flag" else ConfigError
    raise error(
        f"there is no language {value!r} ({origin})",
        hint=f"one of {', '.join((AUTO_LANGUAGE, NO_LANGUAGE, *LANGUAGES))}",
    )


def _systems(home: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the documentation systems that ``docsearch.toml`` names for folders."""
    from docsearch_cli.config import load_settings
    from docsearch_cli.corpus.systems.table import SYSTEMS
    from docsearch_cli.document_settings import NO_SYSTEM

    setting = load_settings({}, beside=home.parent).systems
    known = [system.name for system in SYSTEMS]
    for folder, names in setting.value.items():
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ConfigError(
                f"there is no documentation system {unknown[0]!r}, which {setting.origin} names"
                f" for {folder or '.'}",
                hint=f"one of {', '.join((NO_SYSTEM, *known))}",
            )
    return setting.value


def _missing_folders(systems: Mapping[str, object], result: BuildResult) -> list[str]:
    """Return the folders that a person set systems for and that are not there."""
    places = {root.name if len(result.roots) > 1 else "": Path(root.path) for root in result.roots}
    missing: list[str] = []
    for folder in systems:
        name, _, inner = folder.partition("/") if "" not in places else ("", "", folder)
        if folder and not (name in places and (places[name] / inner).is_dir()):
            missing.append(folder)
    return sorted(missing)


def _find_model(
    output: Output, named: str | None, before: IndexedModel | NamedModel | None
) -> ModelFolder | None:
    """Return the model to index with: the one that was named now, or that of the index before.

    A model that is named now is remembered on this machine; no other one may be fetched.
    """
    if named:
        from docsearch_cli.embed.model import find_model
        from docsearch_cli.embed.trust import MODEL_VARIABLE, remember_model

        found = find_model(named, fetch=True)
        try:
            remember_model(found.name, found.revision)
        except OSError as error:
            output.note(
                f"the choice of this model cannot be stored ({error});"
                f" set {MODEL_VARIABLE}={found.name} whenever you ask"
            )
        return found
    if before is not None:
        from docsearch_cli.embed.model import find_indexed_model

        return find_indexed_model(before)
    return None


def _encoder(found: ModelFolder) -> Encoder:
    from docsearch_cli.embed.encoder import IndexEncoder

    return IndexEncoder(found)


def _to_dict(home: Path, result: BuildResult) -> dict[str, Any]:
    return {
        "index": str(home),
        "digest": result.digest,
        "unchanged": result.unchanged,
        "read": result.read,
        "roots": [root.path for root in result.roots],
        "left_out": list(result.left_out),
        "model": result.model,
        "language": result.language,
        "languages": result.languages,
        "counts": result.counts,
        "changes": {
            "added": result.changes.added,
            "changed": result.changes.changed,
            "moved": result.changes.moved,
            "removed": result.changes.removed,
        },
        "skipped": result.skipped,
        "links": {"broken": result.broken_links, "ambiguous": result.ambiguous_links},
        "seconds": round(result.seconds, 3),
    }


def _lines(result: BuildResult) -> list[str]:
    from docsearch_cli.index.ledger import FRONT_MATTER
    from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE

    counts = result.counts
    done = "nothing changed" if result.unchanged else f"indexed in {result.seconds:.1f} s"
    if not result.unchanged and result.read < counts["documents"]:
        done += f" ({counted(result.read, 'file')} read)"
    held = (counted(counts[f"{noun}s"], noun) for noun in ("document", "section", "edge"))
    lines = [f"{done}: {', '.join(held)}"]
    if result.changes.before and (changes := result.changes.in_words()):
        lines.append(f"documents: {changes}")
    if len(result.languages) > 1:
        lines.append(f"languages: {language_counts(result.languages)}")
    elif result.language != DEFAULT_LANGUAGE:
        lines.append(f"language: {result.language}")
    if result.model is not None:
        lines.append(f"embeddings: {result.model}")
    if faults := result.skipped.get(FRONT_MATTER):
        lines.append(
            f"warning: the front matter of {counted(faults, 'file')} cannot be read"
            "   (docsearch status)"
        )
    skipped = {reason: n for reason, n in result.skipped.items() if reason != FRONT_MATTER}
    if skipped:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.items())
        lines.append(f"skipped: {reasons}   (docsearch status --skipped)")
    if result.broken_links or result.ambiguous_links:
        lines.append(
            f"links: {result.broken_links:,} broken, {result.ambiguous_links:,} ambiguous"
            "   (docsearch graph links)"
        )
    return lines
