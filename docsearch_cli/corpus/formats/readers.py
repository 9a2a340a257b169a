"""Read one file by its format, or say in a ledger row why it was not read.

Whatever a parser does with a bad file, the outcome is a ledger row, and the other files are read.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

from docsearch_cli.corpus.encoding import decode, is_binary
from docsearch_cli.corpus.formats.manual_references import with_references
from docsearch_cli.corpus.formats.recognised import ARMOUR
from docsearch_cli.corpus.formats.suffixes import suffix_of
from docsearch_cli.corpus.formats.table import (
    PLAIN_TEXT,
    Format,
    format_named,
    format_of_bytes,
    format_of_suffix,
    format_of_text,
)
from docsearch_cli.corpus.gunzip import SUFFIX as GZIP
from docsearch_cli.corpus.gunzip import gunzip
from docsearch_cli.corpus.link_exceptions import mark_exceptions
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.corpus.redirects import redirects_in_words
from docsearch_cli.corpus.sections import split_long
from docsearch_cli.corpus.systems.configuration import settings_in_words
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.environment import raise_if_starved
from docsearch_cli.files import opened_file, read_file
from docsearch_cli.models import Document, LedgerEntry

_MOST_DETAIL_CHARS = 200
# What a document in JSON is, it says before.
_SNIFFED_BYTES = 64 * 1024


_UNSUPPORTED_NAMES = (
    "py pyi pyc js mjs cjs ts tsx jsx java kt kts scala go rs c h cc cpp cxx hpp cs vb fs php "
    "rb pl pm lua r jl swift m mm sql sh bash zsh fish ps1 bat cmd css scss sass less vue "
    "svelte jsonl json5 geojson toml xml xsl xsd parquet proto lock sum "
    "gradle csproj sln config properties tmpl erb jinja j2 tf hcl map wasm png jpg jpeg gif "
    "svg webp bmp ico avif tif tiff psd ai mp3 wav ogg flac m4a mp4 webm mov avi mkv zip gz "
    "tgz bz2 xz zst 7z rar tar jar war whl exe dll so dylib o a lib pdb class bin dat db "
    "sqlite sqlite3 ttf otf woff woff2 eot xlsx ods pem "
    "crt cer pickle pkl npy npz pt safetensors gguf onnx h5"
)
# Text in formats of their own, which can be saved as others.
_PACKED_NAMES = "doc ppt xls rtf pages key wpd mobi azw3 azw djvu fb2 chm one"
_PACKED = frozenset(f".{name}" for name in _PACKED_NAMES.split())
UNSUPPORTED: frozenset[str] = _PACKED | {f".{name}" for name in _UNSUPPORTED_NAMES.split()}
"""Suffixes of code, data, media and office files: they are not read, and the ledger says so."""


def read(found: FoundFile, *, max_words: int = 250) -> Document | LedgerEntry:
    """Read one file.

    Args:
        found: A file that the walk met.
        max_words: Longer sections are split.

    Returns:
        The document, or a ledger row that says why there is none. Whatever is wrong with the file
        raises nothing; only what the machine lacks does.
    """
    suffix = suffix_of(found.path)
    form = format_of_suffix(suffix)
    if form is None and suffix in UNSUPPORTED:
        advice = "; saved as PDF, .docx, .odt or Markdown it is read" if suffix in _PACKED else ""
        return _no_reader(found, f"no reader for {suffix} files{advice}")
    try:
        if form is not None and form.is_data_otherwise and not _is_document(form, found):
            return _no_reader(found, f"no reader for {suffix} files of data")
        data = read_file(found.location)
        form = form or format_of_bytes(data) or format_named(PLAIN_TEXT)
        document = _parse(form, found.path, suffix, data)
        sections = split_long(document.sections, max_words=max_words)
        return replace(document, sections=sections, size_bytes=len(data))
    except ReaderError as error:
        return _skipped(found, error.reason, str(error))
    except OSError as error:
        raise_if_starved(error, found.path)
        return _skipped(found, "unreadable", error.strerror or str(error))
    except RecursionError:
        return _skipped(found, "broken", "nested too deeply")
    except MemoryError:
        return _skipped(found, "broken", "out of memory")
    except Exception as error:  # a parser may raise anything
        return _skipped(found, "broken", f"{type(error).__name__}: {error}")


def _no_reader(found: FoundFile, detail: str) -> LedgerEntry:
    read = partial(_text_of, found)
    words = (redirects_in_words(found.path, read), settings_in_words(found.path, read))
    return LedgerEntry(
        found.path,
        "skipped",
        "unsupported",
        "; ".join(filter(None, (detail, *words))),
        found.size_bytes,
    )


def _is_document(form: Format, found: FoundFile) -> bool:
    """Tell by its beginning whether a file, of a suffix that data has too, is a document."""
    with opened_file(found.location) as stream:
        start = stream.read(_SNIFFED_BYTES)
    if found.path.lower().endswith(GZIP):
        return True  # what it holds is seen when it is read
    try:
        return form.recognises(decode(start)[0])
    except ReaderError:
        return False


def _text_of(found: FoundFile) -> str:
    try:
        return decode(read_file(found.location))[0]
    except (OSError, ReaderError):
        return ""


def _parse(form: Format, path: str, suffix: str, data: bytes) -> Document:
    content_hash = hashlib.sha256(data).hexdigest()
    if suffix.endswith(GZIP):
        suffix, data = suffix.removesuffix(GZIP), gunzip(data)
    if form.takes_bytes:
        return form.reader()(path, data, content_hash)
    if is_binary(data):
        raise ReaderError("it holds bytes that no text has", reason="binary")
    text, _ = decode(data)
    if ARMOUR.match(text):
        raise ReaderError("a signature, key or certificate", reason="unsupported")
    if form.name == PLAIN_TEXT or (suffix in form.shared_suffixes and not form.recognises(text)):
        if form.is_data_otherwise:
            raise ReaderError(f"no reader for {suffix} files of data", reason="unsupported")
        form = format_of_text(text)
    document = form.reader()(path, text, content_hash)
    if form.unit != "line":
        return document
    return mark_exceptions(with_references(document, text), text)


def _skipped(found: FoundFile, reason: str, detail: str) -> LedgerEntry:
    detail = " ".join(detail.split())[:_MOST_DETAIL_CHARS]
    return LedgerEntry(found.path, "skipped", reason, detail, found.size_bytes)
