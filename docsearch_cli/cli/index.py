"""``docsearch index``: build or refresh the index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from docsearch_cli.cli.completion import complete_engines, complete_languages
from docsearch_cli.cli.index_settings import wanted_languages, wanted_model, wanted_systems
from docsearch_cli.cli.index_summary import (
    meaning_words,
    missing_folders,
    result_lines,
    result_to_dict,
)
from docsearch_cli.cli.indexing import Wanted, build_or_ask, roots_of, verify_index, watch_and_build
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
from docsearch_cli.cli.output import Output
from docsearch_cli.errors import IndexMissingError, UsageError
from docsearch_cli.search.engines import DEFAULT_ENGINE, describe_engines, find_engine


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
    wanted = Wanted(
        home=home,
        paths=tuple(paths or roots_of(home, open_index(home))),
        model=None if no_model else wanted_model(output, model, kept.model),
        languages=wanted_languages(home, language, kept.language),
        systems=wanted_systems(home),
        rebuild=rebuild,
        allow_empty=allow_empty,
        allow_removal=allow_removal,
        engine=engine,
        scheduler=scheduler,
    )
    result = build_or_ask(output, wanted)
    differing = verify_index(output, wanted) if verify else None
    if as_json:
        output.result({**result_to_dict(home, result), "verified": differing is not None})
        return
    for line in result_lines(result):
        output.show(line)
    if differing is not None:
        output.show(f"verified: {differing.compared} files equal those of a clean build")
    for folder in missing_folders(wanted.systems, result):
        output.note(f"warning: [systems] names {folder!r}, which is no folder of what is indexed")
    for path in result.left_out:
        output.note(
            f"no longer indexed: {path}; to keep it, name every folder: docsearch index PATH..."
        )
    if is_first and result.model is None and result.counts["documents"] and not no_model:
        output.note(meaning_words())
    if not result.counts["documents"]:
        output.note("the index is empty; docsearch status --skipped shows what was skipped")
    if watch:
        watch_and_build(output, replace(wanted, rebuild=False))


def _home_to_update(output: Output, index: str | None) -> Path:
    """Return the folder of the index that is there to be updated."""
    try:
        return home_for_reading(index, output)
    except IndexMissingError as error:
        raise UsageError(
            "there is no index here yet, so a folder must be named", hint="docsearch index PATH"
        ) from error
