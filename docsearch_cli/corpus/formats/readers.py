"""Which reader takes which file, and what becomes of a file that none can read.

Adding a format means one module with its ``read_<format>`` function and one row in ``READERS``.
Whatever a parser does with a bad file, the outcome is a ledger row and the others go on.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from docsearch_cli.corpus.encoding import decode, is_binary
from docsearch_cli.corpus.formats.rst_lines import looks_like_rst
from docsearch_cli.corpus.naming import suffix_of
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.corpus.sections import split_long
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.files import read_file
from docsearch_cli.models import Document, LedgerEntry

_MOST_DETAIL_CHARS = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """How files of one format are read."""

    module: str
    """Imported when the first such file is met."""
    function: str
    takes_bytes: bool = False
    """Whether the reader wants the file's bytes; others get decoded text."""

    def load(self) -> Callable[..., Document]:
        """Import the reader and return its function: of path, text or bytes, and hash."""
        name = f"docsearch_cli.corpus.formats.{self.module}"
        module = sys.modules.get(name) or importlib.import_module(name)
        return cast(Callable[..., Document], getattr(module, self.function))


_MARKDOWN = Reader("markdown", "read_markdown")
_RST = Reader("rst", "read_rst")
_HTML = Reader("html", "read_html")
_TEXT = Reader("text", "read_text")
_PDF = Reader("pdf", "read_pdf", takes_bytes=True)
_ASCIIDOC = Reader("asciidoc", "read_asciidoc")
_ORG = Reader("org", "read_org")
_NOTEBOOK = Reader("notebook", "read_notebook")

READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdx", ".qmd"), _MARKDOWN),
    ".md.txt": _MARKDOWN,
    **dict.fromkeys((".rst", ".rest", ".rst.txt"), _RST),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _HTML),
    **dict.fromkeys((".txt", ".text", ".log", ".cfg", ".ini"), _TEXT),
    **dict.fromkeys((".adoc", ".asciidoc"), _ASCIIDOC),
    ".org": _ORG,
    ".pdf": _PDF,
    **dict.fromkeys((".ipynb", ".ipynb.txt"), _NOTEBOOK),
}
"""Reader of each file extension; other files are judged by their content."""

_UNSUPPORTED_NAMES = (
    "py pyi pyc js mjs cjs ts tsx jsx java kt kts scala go rs c h cc cpp cxx hpp cs vb fs php "
    "rb pl pm lua r jl swift m mm sql sh bash zsh fish ps1 bat cmd css scss sass less vue "
    "svelte json jsonl json5 geojson yaml yml toml xml xsl xsd csv tsv parquet proto lock sum "
    "gradle csproj sln config properties tmpl erb jinja j2 tf hcl map wasm png jpg jpeg gif "
    "svg webp bmp ico avif tif tiff psd ai mp3 wav ogg flac m4a mp4 webm mov avi mkv zip gz "
    "tgz bz2 xz zst 7z rar tar jar war whl exe dll so dylib o a lib pdb class bin dat db "
    "sqlite sqlite3 ttf otf woff woff2 eot xls xlsx ods pem "
    "key crt cer pickle pkl npy npz pt safetensors gguf onnx h5"
)
# Texts inside an archive: no line of such a file holds a sentence, so no quote from it could be
# checked against the file.
_PACKED_NAMES = "doc docx odt ppt pptx odp epub mobi azw3"
_PACKED = frozenset(f".{name}" for name in _PACKED_NAMES.split())
UNSUPPORTED: frozenset[str] = _PACKED | {f".{name}" for name in _UNSUPPORTED_NAMES.split()}
"""Extensions of code, data, media and office files: not read, and said so in the ledger."""


def read(found: FoundFile, *, max_words: int = 250) -> Document | LedgerEntry:
    """Read one file.

    Args:
        found: A file that the walk met.
        max_words: Longer sections are split.

    Returns:
        The document, or a ledger row that says why there is none; never an exception.
    """
    suffix = suffix_of(found.path)
    reader = READERS.get(suffix)
    if reader is None and suffix in UNSUPPORTED:
        advice = "; saved as PDF, HTML or Markdown it is read" if suffix in _PACKED else ""
        return _skipped(found, "unsupported", f"no reader for {suffix} files{advice}")
    try:
        data = read_file(found.location)
        if reader is None:
            reader = _PDF if data.startswith(b"%PDF-") else _TEXT
        document = _parse(reader, found.path, data)
        sections = split_long(document.sections, max_words=max_words)
        return replace(document, sections=sections, size_bytes=len(data))
    except ReaderError as error:
        return _skipped(found, error.reason, str(error))
    except OSError as error:
        return _skipped(found, "unreadable", error.strerror or str(error))
    except RecursionError:
        return _skipped(found, "broken", "nested too deeply")
    except MemoryError:
        return _skipped(found, "broken", "out of memory")
    except Exception as error:  # a parser may raise anything
        return _skipped(found, "broken", f"{type(error).__name__}: {error}")


def _parse(reader: Reader, path: str, data: bytes) -> Document:
    content_hash = hashlib.sha256(data).hexdigest()
    if reader.takes_bytes:
        return reader.load()(path, data, content_hash)
    if is_binary(data):
        raise ReaderError("it holds bytes that no text has", reason="binary")
    source, _ = decode(data)
    if reader is _TEXT and looks_like_rst(source):
        reader = _RST
    return reader.load()(path, source, content_hash)


def _skipped(found: FoundFile, reason: str, detail: str) -> LedgerEntry:
    detail = " ".join(detail.split())[:_MOST_DETAIL_CHARS]
    return LedgerEntry(found.path, "skipped", reason, detail, found.size_bytes)
