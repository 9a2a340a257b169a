"""``docsearch show``: lines of a document, as they were indexed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from docsearch_cli.cli.completion import complete_documents
from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output

# What follows the path: a line, or the first and the last one; no document is longer.
_PLACE = re.compile(r"(.+?):([0-9]{1,9})(?:-([0-9]{1,9}))?")


def command(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PATH[:LINE[-LINE]]",
            help="A document and its lines; of a PDF, its pages.",
            autocompletion=complete_documents,
        ),
    ],
    context: Annotated[
        int,
        typer.Option("--context", "-C", min=0, metavar="N", help="Lines to show around them."),
    ] = 0,
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

    from docsearch_cli.cli.show_result import place_words_of
    from docsearch_cli.corpus.formats.table import unit_of_path
    from docsearch_cli.index.freshness import changed_since
    from docsearch_cli.index.passage import find_document, read_passage
    from docsearch_cli.index.store import open_index

    output = Output("show", as_json, quiet)
    reader = open_index(home_for_reading(index, output))
    found = _PLACE.fullmatch(place)
    if found is not None and reader.paths.find(place) is None:
        name, first, last = found[1], int(found[2]), int(found[3] or found[2])
    else:
        name, first, last = place, None, None
    path = find_document(reader, name, Path.cwd())
    passage = read_passage(reader, path, first, last, context=context, whole_section=section)
    changed = changed_since(reader, path)
    row = reader.paths.find(path)
    language = reader.language_of(row) if row is not None else reader.language
    if as_json:
        output.result(
            {
                "path": path,
                "paged": passage.paged,
                "language": language,
                "headings": list(passage.headings),
                "lines": [{"number": line.number, "text": line.text} for line in passage.lines],
                "changed": changed,
            }
        )
        return
    numbers = passage.lines[0].number, passage.lines[-1].number
    head = Text(place_words_of(path, *numbers, paged=passage.paged), style="bold cyan")
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
        output.note(f"{path} has changed since it was indexed; this is what was indexed")
