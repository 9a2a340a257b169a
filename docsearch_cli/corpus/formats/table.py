"""The formats that are read: one row each, from which everything else about formats derives.

A new format is one module with its functions and one row of ``FORMATS``. A row names a function as
``module:function``; it is imported when the first file or section of the format is met, since the
readers need libraries that a question never does. A module without a dot in its name lies in this
folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from docsearch_cli.corpus.blocks import Block
from docsearch_cli.corpus.gunzip import SUFFIX as GZIP
from docsearch_cli.models import Document, Markup

Unit = Literal["line", "paragraph", "page", "slide", "chapter", "message"]
"""What the numbers of a place count. Paragraphs are the lines of the text that a file is unpacked
to; of any other unit but the line, a section is one."""
_COUNTED_AS_LINES = frozenset(("line", "paragraph"))

_FOLDER = "docsearch_cli.corpus.formats"
_TEXT_BLOCKS = "docsearch_cli.corpus.blocks:text_blocks"


@dataclass(frozen=True, slots=True)
class Format:
    """What is known about one format."""

    name: Markup
    """As ``Document.markup`` has it."""
    code: int
    """Its number in stored indexes: never changed, and never given to another format."""
    suffixes: tuple[str, ...]
    """In lower case. A link may leave them out; where documents differ in suffix alone, such a link
    leads to the first of them."""
    read: str
    """Reads a file: called with its path, its decoded text (or its bytes) and the hash of its
    bytes, it returns a ``Document`` or raises ``ReaderError``."""
    plain: str = ""
    """Returns what a person reads of a section's text, or of a part of it; by default all of it."""
    blocks: str = _TEXT_BLOCKS
    """Yields the ``Block`` spans of a section's text; by default paragraphs, which blank lines
    separate."""
    plain_sentence: str = ""
    """Returns what a person reads of one sentence; by default as ``plain`` does."""
    has_marked_code: bool = False
    """Whether lines of code hold markup, as in HTML; elsewhere they are read as they are."""
    unbroken: str = ""
    """Returns the spans of a text inside which no sentence ends; by default there are none."""
    other_suffixes: tuple[str, ...] = ()
    """Suffixes that are part of a file's name: a link never leaves them out."""
    shared_suffixes: tuple[str, ...] = ()
    """Suffixes that other files have too: such a file is in this format if ``recognise`` says so,
    else it is looked at as plain text is. A link never leaves them out."""
    kept_suffix: str = ""
    """Suffix of the copies that Sphinx keeps of sources in this format."""
    has_front_matter: bool = False
    """Whether a file may begin with front matter."""
    unit: Unit = "line"
    takes_bytes: bool = False
    """Whether ``read`` takes the file's bytes; otherwise it takes decoded text."""
    unpack: str = ""
    """Returns the text that a file's bytes are unpacked to, if its places count lines of that."""
    is_native: bool = False
    """Whether its parser is native code, which runs only where a crash of it does no harm: a quote
    is then taken by the hash of its file."""
    has_all_anchors: bool = False
    """Whether every place that a link can point to is found, so that a link to another place in
    the same document is broken. HTML has menus and drawings, which are not read."""
    has_gaps: bool = False
    """Whether lines that are not blank may stand between its sections, in none of them."""
    magic: bytes = b""
    """What a file begins with, whatever its suffix; empty if nothing distinguishes it."""
    is_data_otherwise: bool = False
    """Whether a file of a shared suffix that is not in this format is data, which is not read."""
    recognise: str = ""
    """Tells whether text whose suffix does not say so is in this format; by default it never is."""
    meaning: str = ""
    """What a person calls it; empty where that is the name."""

    @property
    def all_suffixes(self) -> tuple[str, ...]:
        """Every suffix by which a file is known to be in this format, or may be."""
        kept = filter(None, (self.kept_suffix,))
        return (*self.suffixes, *self.other_suffixes, *self.shared_suffixes, *kept)

    def reader(self) -> Callable[..., Document]:
        """Return the function that reads a file."""
        return _load(self.read)

    def plainer(self) -> Callable[[str], str]:
        """Return the function that makes what a person reads of a text."""
        return _load(self.plain) if self.plain else _as_it_is

    def sentence_plainer(self) -> Callable[[str], str]:
        """Return the function that makes what a person reads of a sentence."""
        return _load(self.plain_sentence) if self.plain_sentence else self.plainer()

    def block_finder(self) -> Callable[[str], Iterator[Block]]:
        """Return the function that finds the blocks of a text."""
        return _load(self.blocks)

    def unbroken_spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the spans of a text inside which no sentence ends."""
        spans: Sequence[tuple[int, int]] = _load(self.unbroken)(text) if self.unbroken else ()
        return spans

    def unpacker(self) -> Callable[[bytes], str] | None:
        """Return the function that unpacks a file to text, if there is one."""
        return _load(self.unpack) if self.unpack else None

    def recognises(self, text: str) -> bool:
        """Tell whether text whose suffix does not say so is in this format."""
        return bool(self.recognise) and bool(_load(self.recognise)(text))


FORMATS: tuple[Format, ...] = (
    Format(
        name="markdown",
        code=0,
        meaning="Markdown, R Markdown, Quarto, MDX",
        suffixes=(
            *(".md", ".markdown", ".mdx", ".qmd", ".rmd", ".rmarkdown", ".mkd", ".mkdn", ".mdown"),
            *(".markdn", ".mdwn", ".mdtxt", ".mdtext", ".livemd"),
        ),
        kept_suffix=".md.txt",
        read="markdown:read_markdown",
        has_front_matter=True,
        plain="markdown_plain:plain_markdown",
        blocks="markdown_plain:markdown_blocks",
        has_all_anchors=True,
        recognise="recognised:looks_like_markdown",
    ),
    Format(
        name="rst",
        code=1,
        meaning="reStructuredText",
        suffixes=(".rst", ".rest", ".restx", ".rstx"),
        kept_suffix=".rst.txt",
        read="rst:read_rst",
        has_front_matter=True,
        plain="rst_plain:plain_rst",
        blocks="rst_plain:rst_blocks",
        has_all_anchors=True,
        recognise="rst_lines:looks_like_rst",
    ),
    Format(
        name="asciidoc",
        code=6,
        meaning="AsciiDoc",
        suffixes=(".adoc", ".asciidoc", ".asc", ".adc"),
        read="asciidoc:read_asciidoc",
        has_front_matter=True,
        plain="asciidoc_plain:plain_asciidoc",
        blocks="asciidoc_plain:asciidoc_blocks",
        has_all_anchors=True,
        recognise="recognised:looks_like_asciidoc",
    ),
    Format(
        name="org",
        code=7,
        meaning="Org",
        suffixes=(".org", ".org_archive"),
        read="org:read_org",
        plain="org_plain:plain_org",
        blocks="org_plain:org_blocks",
        has_marked_code=True,
        has_all_anchors=True,
        recognise="recognised:looks_like_org",
    ),
    Format(
        name="notebook",
        code=5,
        meaning="Jupyter notebooks, with what their cells printed",
        suffixes=(".ipynb",),
        kept_suffix=".ipynb.txt",
        read="notebook:read_notebook",
        plain="notebook_plain:plain_notebook",
        blocks="notebook_plain:notebook_blocks",
        plain_sentence="notebook_plain:plain_notebook_line",
        has_gaps=True,
    ),
    Format(
        name="html",
        code=2,
        meaning="HTML",
        suffixes=(".html", ".htm", ".xhtml", ".xht", ".shtml"),
        read="html:read_html",
        has_front_matter=True,
        plain="html_plain:plain_html",
        blocks="html_plain:html_blocks",
        has_marked_code=True,
        unbroken="html_tags:tag_spans",
        has_gaps=True,
        recognise="recognised:looks_like_html",
    ),
    Format(
        name="text",
        code=3,
        meaning="plain text",
        suffixes=(".txt",),
        other_suffixes=(".text", ".log", ".cfg", ".ini"),
        read="text:read_text",
    ),
    Format(
        name="manual",
        code=13,
        meaning="manual pages",
        suffixes=(),
        shared_suffixes=(
            *(".1", ".2", ".3", ".4", ".5", ".6", ".7", ".8", ".9", ".1p", ".3p", ".3pm", ".3ssl"),
            *(".1ssl", ".5ssl", ".7ssl", ".3x", ".3am", ".3perl", ".3const", ".8x", ".man"),
            *(".mdoc", ".troff", ".roff"),
        ),
        read="manual_page:read_manual",
        plain="manual_plain:plain_manual",
        blocks="manual_plain:manual_blocks",
        recognise="manual_page:looks_like_manual",
        has_marked_code=True,
    ),
    Format(
        name="tex",
        code=14,
        meaning="TeX",
        suffixes=(".tex", ".ltx"),
        read="tex:read_tex",
        plain="tex_plain:plain_tex",
        blocks="tex_plain:tex_blocks",
    ),
    Format(
        name="subtitles",
        code=15,
        meaning="subtitles",
        suffixes=(".vtt", ".srt"),
        read="subtitles:read_subtitles",
        plain="subtitles:plain_subtitles",
        blocks="subtitles:subtitle_blocks",
    ),
    Format(
        name="table",
        code=16,
        meaning="tables",
        suffixes=(".csv", ".tsv"),
        read="csv_table:read_table",
        plain="csv_table:plain_table",
        blocks="csv_table:table_blocks",
    ),
    Format(
        name="schema",
        code=17,
        meaning="OpenAPI, AsyncAPI, JSON Schema",
        suffixes=(),
        shared_suffixes=(".json", ".yaml", ".yml"),
        read="schema:read_schema",
        plain="schema:plain_schema",
        blocks="schema:schema_blocks",
        recognise="schema:looks_like_schema",
        is_data_otherwise=True,
    ),
    Format(
        name="mail",
        code=18,
        meaning="mail",
        suffixes=(".eml", ".mbox", ".mhtml", ".mht"),
        read="mail:read_mail",
        unit="message",
        takes_bytes=True,
    ),
    Format(
        name="docx",
        code=8,
        meaning="Word",
        suffixes=(".docx", ".docm", ".dotx"),
        read="docx:read_docx",
        blocks="paragraphs:paragraph_blocks",
        unit="paragraph",
        takes_bytes=True,
        unpack="docx:text_of_docx",
    ),
    Format(
        name="odt",
        code=9,
        meaning="OpenDocument text",
        suffixes=(".odt", ".ott"),
        read="odf:read_odt",
        blocks="paragraphs:paragraph_blocks",
        unit="paragraph",
        takes_bytes=True,
        unpack="odf:text_of_odt",
    ),
    Format(
        name="pptx",
        code=10,
        meaning="PowerPoint",
        suffixes=(".pptx", ".pptm", ".ppsx"),
        read="pptx:read_pptx",
        unit="slide",
        takes_bytes=True,
    ),
    Format(
        name="odp",
        code=11,
        meaning="OpenDocument slides",
        suffixes=(".odp",),
        read="odf:read_odp",
        unit="slide",
        takes_bytes=True,
    ),
    Format(
        name="epub",
        code=12,
        meaning="books",
        suffixes=(".epub",),
        read="epub:read_epub",
        unit="chapter",
        takes_bytes=True,
    ),
    Format(
        name="pdf",
        code=4,
        meaning="PDF",
        suffixes=(".pdf",),
        read="pdf:read_pdf",
        unit="page",
        takes_bytes=True,
        is_native=True,
        magic=b"%PDF-",
    ),
)
"""In the order in which a link without a suffix prefers them: what is written by hand before what
is built from it."""

PLAIN_TEXT = "text"
"""The format of a file whose suffix says nothing, unless its content is in another one."""


class FormatTable:
    """Formats by what they are looked up by.

    Args:
        formats: The rows.
    """

    def __init__(self, formats: Sequence[Format]) -> None:
        self.formats = tuple(formats)
        self.by_name = {row.name: row for row in formats}
        self.by_code = {row.code: row for row in formats}
        self.by_suffix = {suffix: row for row in formats for suffix in row.all_suffixes}
        self.kept_suffixes = tuple(row.kept_suffix for row in formats if row.kept_suffix)
        in_order = [suffix for row in formats for suffix in row.suffixes]
        in_order += self.kept_suffixes  # copies come last
        self.rank_of_suffix = {suffix: rank for rank, suffix in enumerate(in_order)}
        """Rank of each suffix that a link may leave out."""


# The one that is in use. Everything looks it up through the functions below when it needs a row.
TABLE = FormatTable(FORMATS)


def format_named(name: Markup) -> Format:
    """Return the format of this name."""
    return TABLE.by_name[name]


def format_of_code(code: int) -> Format:
    """Return the format of this number in a stored index."""
    return TABLE.by_code[code]


def format_of_suffix(suffix: str) -> Format | None:
    """Return the format of the files with this suffix, if there is one."""
    return TABLE.by_suffix.get(suffix.removesuffix(GZIP) or suffix)


def format_of_bytes(data: bytes) -> Format | None:
    """Return the format of a file that begins so, if that alone decides it."""
    return next((row for row in TABLE.formats if row.magic and data.startswith(row.magic)), None)


def format_of_text(text: str) -> Format:
    """Return the format of a file that is called plain text."""
    rows = (row for row in TABLE.formats if not row.shared_suffixes and row.recognises(text))
    return next(rows, TABLE.by_name[PLAIN_TEXT])


def is_paged(markup: Markup) -> bool:
    """Tell whether the numbers of a document's places count pages or slides instead of lines."""
    return format_named(markup).unit not in _COUNTED_AS_LINES


def unit_of_path(path: str) -> Unit:
    """Return what the numbers of a file's places count, as far as its name tells."""
    form = format_of_suffix(suffix_in(path.removesuffix(GZIP)))
    return form.unit if form is not None else "line"


def suffix_in(path: str) -> str:
    """Return the last suffix of a path, in lower case."""
    dot = path.rfind(".")
    return path[dot:].lower() if dot > path.rfind("/") else ""


def _load(place: str) -> Callable[..., Any]:
    name, _, function = place.partition(":")
    name = name if "." in name else f"{_FOLDER}.{name}"
    # Not from sys.modules: another thread may be in the middle of importing it.
    loaded: Callable[..., Any] = getattr(import_module(name), function)
    return loaded


def _as_it_is(text: str) -> str:
    return text
