"""A document: its lines as they were indexed, those of a quote marked, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from docsearch_cli.errors import InputError
from docsearch_cli.index.find_document import find_beside, find_document
from docsearch_cli.index.passage import PassageLine, read_passage
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.related import Direction, related_documents
from docsearch_cli.web.addresses import document_url
from docsearch_cli.web.forms import read_lines
from docsearch_cli.web.guard import query_of
from docsearch_cli.web.site import site_of

# Lines on one page: more make a browser slow, and a person lost.
MOST_LINES = 1_500
# Of those, how many stand before a quote that is far down.
_LINES_BEFORE = 200
_MOST_HEADINGS = 300
# Edges of one direction beside the text; the graph around the document has more.
MOST_EDGES = 40
_WAYS: tuple[tuple[str, Direction], ...] = (("Leads to", "out"), ("Leads here", "in"))
# Blank lines between two sections are in none of them; no author leaves more.
_MOST_BLANK = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the outline."""

    text: str
    depth: int
    """How many headings stand above it, at most 5."""
    line: int


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the text."""

    number: int
    text: str
    is_marked: bool
    is_heading: bool


def show(request: Request) -> Response:
    """Answer ``/doc/PATH?lines=12-14``."""
    from docsearch_cli.index.freshness import changed_since

    site = site_of(request)
    reader = site.reader()
    path = request.path_params["path"]
    document = reader.paths.find(path)
    if document is None:
        return other_name(request, reader, document_url)
    fields = query_of(request)
    marked = read_lines(fields.text("lines"))
    start = read_lines(fields.text("from"))
    outline = list(_outline(reader, path))
    passage = _read(reader, path)
    total = passage[-1].number if passage else 0
    if marked is not None and marked[0] > max(total, 1):
        raise InputError(f"{path} has {total:,} lines, and none with number {marked[0]:,}")
    first = _first_of_part(reader, path, fields.number("part") or 1)
    first = start[0] if start else max(1, marked[0] - _LINES_BEFORE) if marked else first
    is_paged = bool(passage) and _is_paged(reader, document)
    lines = _window(passage, first, marked, {item.line for item in outline})
    return site.page(
        "document.html",
        path=path,
        title=reader.titles[document] or path,
        unit="page" if is_paged else "line",
        is_paged=is_paged,
        lines=lines,
        marked=marked,
        total=total,
        most=MOST_LINES,
        outline=outline[:_MOST_HEADINGS],
        outline_left_out=max(0, len(outline) - _MOST_HEADINGS),
        around=[
            (name, related_documents(reader, path, directions=(way,), limit=MOST_EDGES))
            for name, way in _WAYS
        ],
        has_changed=changed_since(reader, path),
    )


def other_name(
    request: Request, reader: IndexReader, address: Callable[[str], str]
) -> RedirectResponse:
    """Lead from a path as results show it to the page of the document that is meant.

    Args:
        request: For a path that the index does not have.
        reader: The index.
        address: Returns where a document, as the index names it, has such a page.

    Returns:
        The way there.

    Raises:
        InputError: If no document is meant; it names those that are near.
    """
    path = request.path_params["path"]
    found = find_beside(reader, path, site_of(request).home.parent)
    if found is None:
        raise _missing(reader, path)
    query = request.url.query
    return RedirectResponse(address(found) + (f"?{query}" if query else ""), 303)


def _missing(reader: IndexReader, path: str) -> InputError:
    """Return the error for a document that is not there, with names that are near to it."""
    try:  # only for the names that are did you mean: nothing outside of the index is looked at
        near = find_document(reader, path.lstrip("/."), reader.folder)
    except InputError as error:
        return InputError(f"{path!r} is not in the index", hint=error.hint)
    return InputError(f"{path!r} is not in the index", hint=f"did you mean: {near}")


def _first_of_part(reader: IndexReader, path: str, part: int) -> int:
    """Return the first line of a part of a document; of one that is not there, the document's."""
    nodes = reader.nodes_of_document(path)
    section = int(reader.node_starts[nodes.start + part - 1]) if 1 < part <= len(nodes) else 0
    return int(reader.section_lines[section, 0]) if section else 1


def _read(reader: IndexReader, path: str) -> Sequence[PassageLine]:
    try:
        return read_passage(reader, path).lines
    except InputError:  # it is empty
        return ()


def _is_paged(reader: IndexReader, document: int) -> bool:
    from docsearch_cli.corpus.formats.table import is_paged

    return is_paged(reader.markup(document))


def _outline(reader: IndexReader, path: str) -> Iterator[Heading]:
    """Yield the headings of a document, each once: a long section is stored in several parts."""
    nodes = reader.nodes_of_document(path)
    last = ""
    for row in range(int(reader.node_starts[nodes.start]), int(reader.node_starts[nodes.stop])):
        section = reader.section(row)
        if section.heading and section.heading != last:
            depth = min(5, len(reader.headings_above(row)))
            yield Heading(section.heading, depth, section.line_start)
        last = section.heading


def _window(
    lines: Sequence[PassageLine],
    first: int,
    marked: tuple[int, int] | None,
    headings: set[int],
) -> list[ShownLine]:
    """Return the lines that one page shows, blank ones between sections included."""
    shown: list[ShownLine] = []
    for line in lines:
        if line.number < first:
            continue
        if shown and line.number - shown[-1].number <= _MOST_BLANK:
            shown += [
                ShownLine(number, "", _is_in(number, marked), is_heading=False)
                for number in range(shown[-1].number + 1, line.number)
            ]
        shown.append(
            ShownLine(line.number, line.text, _is_in(line.number, marked), line.number in headings)
        )
        if len(shown) >= MOST_LINES:
            break
    return shown[:MOST_LINES]


def _is_in(number: int, marked: tuple[int, int] | None) -> bool:
    return marked is not None and marked[0] <= number <= marked[1]
