"""``docsearch show``: lines of a document, as they were indexed."""

from __future__ import annotations

from typing import Annotated

import typer

from docsearch_cli.cli.completion import complete_documents
from docsearch_cli.cli.options import ContextLines, IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output


def command(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PATH[:LINE[-LINE]]",
            help="A document and its lines; of a PDF, its pages.",
            autocompletion=complete_documents,
        ),
    ],
    context: ContextLines = 0,
    section: Annotated[
        bool, typer.Option("--section", help="Show the whole section that they stand in.")
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print lines of an indexed document, of any format.

    The path is one that a quote names, or one that the shell would open here.

    \b
    Examples:
      docsearch show guides/retries.md:12-20 -C 5
      docsearch show guides/retries.md:12 --section
    """
    from rich.text import Text

    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.cli.show_result import place_words_of
    from docsearch_cli.corpus.formats.table import unit_of_path
    from docsearch_cli.index.document_files import DocumentFiles
    from docsearch_cli.index.find_document import find_place
    from docsearch_cli.index.freshness import changed_since
    from docsearch_cli.index.home import current_working_folder
    from docsearch_cli.index.passage import read_passage
    from docsearch_cli.index.store import open_index

    output = Output("show", as_json, quiet)
    reader = open_index(home_for_reading(index, output))
    path, first, last = find_place(reader, place, current_working_folder())
    passage = read_passage(reader, path, first, last, context=context, whole_section=section)
    changed = changed_since(reader, path)
    if as_json:
        output.result(
            {
                "path": path,
                **DocumentFiles(reader.roots).to_dict(path),
                "paged": passage.paged,
                "headings": list(passage.headings),
                "lines": [{"number": line.number, "text": line.text} for line in passage.lines],
                "changed": changed,
            }
        )
        return
    numbers = passage.lines[0].number, passage.lines[-1].number
    paths = paths_here(reader.roots)
    at = None if passage.paged else numbers[0]
    head = Text().append(
        place_words_of(path, *numbers, paths, paged=passage.paged),
        style=paths.style(path, at, "bold cyan"),
    )
    head.append(f"  {' > '.join(passage.headings)}" if passage.headings else "")
    output.show(head)
    width = len(str(numbers[1]))
    unit = "page" if unit_of_path(path) == "line" else unit_of_path(path)
    for line in passage.lines:
        if passage.paged:
            output.show(Text(f"{unit} {line.number}", style="dim"))
            for text in line.text.splitlines():
                output.show(Text(text))
            continue
        shown = Text(f"{line.number:>{width}}  ", style="dim")
        shown.append(line.text, style="not dim")
        output.show(shown)
    if changed:
        output.note(
            f"{paths.name(path)} has changed since it was indexed; this is what was indexed"
        )
