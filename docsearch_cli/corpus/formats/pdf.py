"""PDF: the text of each page, by pdfium.

A section is a page; its heading is the entry of the outline that the page belongs to. The text is
what pdfium reads, without the hyphens that divide a word at a line's end.
"""

from __future__ import annotations

import ctypes
import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from docsearch_cli.corpus.formats.pdf_page import UNWANTED, Page, read_page
from docsearch_cli.corpus.naming import first_name, one_line
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Section

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# A file of 20 MB may claim any number of pages that share one content.
_MOST_PAGES = 50_000
_MOST_OUTLINE_ENTRIES = 10_000
# Pages that are not read are listed for a person.
_MOST_SHOWN_STRETCHES = 5
# Only the top of the first page is searched for a title.
_MOST_TITLE_PAGE_CHARS = 4000
_FEWEST_TITLE_CHARS = 4
# Lines of one title may differ a little: a superscript, another font.
_SAME_SIZE = 0.95
# Titles stand above this share of the page's height; figures below may have larger type.
_TITLE_ZONE = 0.6
# Titles are among the first lines; figures beside them may be further down.
_MOST_TITLE_LINES = 12
# Rotated text is a stamp in the margin.
_UPRIGHT_RADIANS = 0.01
_NO_TITLE = re.compile(
    r"(?i)untitled|microsoft (?:word|powerpoint)|.*\.(?:docx?|dvi|tex|indd|pdf|ps|qxd|p65|rtf|odt)"
    r"|[\d\W]*|title|slide 1|presentation|document\d*|layout 1|arxiv:.*"
)


def read_pdf(path: str, data: bytes, content_hash: str) -> Document:
    """Read one PDF file.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document with one section a page; pages without text have none.

    Raises:
        ReaderError: If the file is encrypted or damaged.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ReaderError("it needs a password", reason="encrypted") from error
        raise ReaderError(str(error)) from error
    try:
        if not len(pdf):
            raise ReaderError("it has no pages")
        pages = _read_pages(pdf)
        sections = tuple(_sections(pdf, pages))
        return Document(
            path=path,
            title=first_name(_titles(pdf, sections), path),
            markup="pdf",
            content_hash=content_hash,
            sections=sections,
            unread=tuple(_unread(pdf, pages)),
        )
    except pypdfium2.PdfiumError as error:
        raise ReaderError(str(error)) from error
    finally:
        pdf.close()


def _read_pages(pdf: PdfDocument) -> list[Page]:
    if pdf.get_formtype():
        pdf.init_forms()
    return [read_page(pdf, index) for index in range(min(len(pdf), _MOST_PAGES))]


def _sections(pdf: PdfDocument, pages: Sequence[Page]) -> Iterator[Section]:
    headings = _outline(pdf)
    heading, level = "", 0
    for index, page in enumerate(pages):
        heading, level = headings.get(index, (heading, level))
        if page.text:
            yield Section(heading, level, index + 1, index + 1, page.text)


def _unread(pdf: PdfDocument, pages: Sequence[Page]) -> Iterator[str]:
    """Say which pages have no text though a person sees something on them, or were not read."""
    from pypdfium2 import raw

    pictures = [number for number, page in enumerate(pages, 1) if page.is_picture]
    damaged = [number for number, page in enumerate(pages, 1) if page.is_damaged]
    if pictures:
        yield f"{page_words(pictures)}: pictures without text"
    if damaged:
        yield f"{page_words(damaged)}: damaged"
    if len(pdf) > len(pages):
        yield f"{page_words(range(len(pages) + 1, len(pdf) + 1))}: beyond the limit"
    if pdf.get_formtype() == raw.FORMTYPE_XFA_FULL:
        yield "its XFA form"


def page_words(numbers: Sequence[int]) -> str:
    """Return page numbers for a person: ``3 pages (4, 7-8)``, the first stretches of many."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    shown = [f"{first}" if first == last else f"{first}-{last}" for first, last in stretches]
    more = ", ..." if len(shown) > _MOST_SHOWN_STRETCHES else ""
    many = "s" if len(numbers) > 1 else ""
    return f"{len(numbers):,} page{many} ({', '.join(shown[:_MOST_SHOWN_STRETCHES])}{more})"


def _outline(pdf: PdfDocument) -> dict[int, tuple[str, int]]:
    """Return the first outline entry of each page: its title and level."""
    import pypdfium2

    headings: dict[int, tuple[str, int]] = {}
    try:
        for number, entry in enumerate(pdf.get_toc()):
            target = entry.get_dest()
            page = target.get_index() if target is not None else None
            title = one_line(UNWANTED.sub("", entry.get_title()))
            if page is not None and title:
                headings.setdefault(page, (title, entry.level + 1))
            if number >= _MOST_OUTLINE_ENTRIES:
                break
    except (pypdfium2.PdfiumError, UnicodeError):
        return headings
    return headings


def _titles(pdf: PdfDocument, sections: tuple[Section, ...]) -> Iterator[str]:
    stated = one_line(UNWANTED.sub("", pdf.get_metadata_value("Title") or ""))
    if not _is_title(stated):
        stated = ""
    largest = _largest_line(pdf) if sections and sections[0].line_start == 1 else ""
    is_longer = len(largest) > len(stated) and largest.lower().startswith(stated.lower())
    if _is_title(largest) and is_longer:
        yield largest  # the metadata often has the short form
    yield stated


def _is_title(name: str) -> bool:
    return len(name) >= _FEWEST_TITLE_CHARS and not _NO_TITLE.fullmatch(name)


def _largest_line(pdf: PdfDocument) -> str:
    """Return the line set in the largest type on the first page, with those that continue it."""
    page = pdf[0]
    textpage = page.get_textpage()
    try:
        lowest = _TITLE_ZONE * page.get_height()
        lines = list(itertools.islice(_lines(textpage, lowest), _MOST_TITLE_LINES))
    finally:
        textpage.close()
        page.close()
    if not lines:
        return ""
    largest = max(size for _, size in lines)
    title: list[str] = []
    for line, size in lines:
        if size >= _SAME_SIZE * largest:
            title.append(line)
        elif title:
            break
    return one_line(UNWANTED.sub("", " ".join(title)))


def _lines(textpage: Any, lowest: float) -> Iterator[tuple[str, float]]:
    """Yield the upright lines above a height, with the size that most of their characters have."""
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    text = ""
    sizes: list[float] = []
    for index in range(min(textpage.count_chars(), _MOST_TITLE_PAGE_CHARS)):
        character = chr(raw.FPDFText_GetUnicode(textpage, index))
        if character in "\r\n":
            if sizes:
                yield text, statistics.median(sizes)
            text, sizes = "", []
        elif character.isspace() or not character.isprintable():
            text += " "
        elif abs(raw.FPDFText_GetCharAngle(textpage, index)) < _UPRIGHT_RADIANS:
            text += character
            measured = raw.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box))
            if measured and box.bottom >= lowest:
                sizes.append(float(box.top - box.bottom))
    if sizes:
        yield text, statistics.median(sizes)
