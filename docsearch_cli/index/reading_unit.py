"""A range of files as one unit of work: read, cut and tokenised in any process that has the files.

The registry of the processes that read (``FUNCTIONS``, see ``engine/worker.py``). The files are at
the same paths there, as on a shared disk: a process that does not have them, or has others, says so
and reads none. As in a local build, a file that crashes its reader costs no other one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.extract import Batch
from docsearch_cli.index.extract_check import check_batch
from docsearch_cli.index.incremental import read_here
from docsearch_cli.typed_bytes import TypedBytes

READ = "index.read@1"


@dataclass(frozen=True, slots=True)
class ReadCall:
    """Which files to read, and as what."""

    files: tuple[FoundFile, ...]
    languages: LanguageSettings
    main: str
    """The language of what is not clearly in another one."""


@dataclass(frozen=True, slots=True)
class ReadReply:
    """What the files hold, or why they were not read."""

    batches: tuple[Batch, ...]
    """Their paths say nothing: the texts are here."""
    texts: tuple[bytes, ...]
    plain_texts: tuple[bytes, ...]
    problem: str = ""


_BYTES = TypedBytes()


def write_call(call: ReadCall) -> bytes:
    """Return a call as bytes."""
    return _BYTES.write(ReadCall, call)


def take_reply(data: bytes, folder: Path) -> Sequence[Batch]:
    """Put the texts of a reply into a folder, and return its batches.

    Args:
        data: What ``read`` gave.
        folder: Where texts of a build are kept.

    Returns:
        The batches, as if they had been read here.

    Raises:
        ValueError: If the bytes spell no reply, one that does not fit together, or one that says
            that the files were not read.
    """
    reply = _BYTES.read(ReadReply, data, is_utf8=True)
    if reply.problem:
        raise ValueError(reply.problem)
    batches = []
    for batch, texts, plain in zip(reply.batches, reply.texts, reply.plain_texts, strict=True):
        check_batch(batch, texts, plain)
        name = token_hex(8)
        here = replace(batch, texts=folder / f"{name}.texts", plain_texts=folder / f"{name}.plain")
        here.texts.write_bytes(texts)
        here.plain_texts.write_bytes(plain)
        batches.append(here)
    return batches


def read(payload: bytes) -> bytes:
    """Read some files.

    Args:
        payload: A call, as ``write_call`` writes it.

    Returns:
        The reply.
    """
    call = _BYTES.read(ReadCall, payload)
    if problem := _missing(call.files):
        return _BYTES.write(ReadReply, ReadReply((), (), (), problem))
    with tempfile.TemporaryDirectory(prefix="docsearch-read-") as name:
        batches = read_here(
            call.files, Path(name), call.languages, call.main, lambda _done, _all: None, workers=1
        )
        reply = ReadReply(
            tuple(batches),
            tuple(batch.texts.read_bytes() for batch in batches),
            tuple(batch.plain_texts.read_bytes() for batch in batches),
        )
    return _BYTES.write(ReadReply, reply)


def _missing(files: Sequence[FoundFile]) -> str:
    """Return which file is not here as it was found there; empty if all are."""
    for file in files:
        try:
            size = file.file.stat().st_size
        except OSError as error:
            return f"{file.path} cannot be read there: {error.strerror}"
        if size != file.size_bytes:
            return f"{file.path} has {size:,} bytes there and {file.size_bytes:,} here"
    return ""


FUNCTIONS: Mapping[str, Callable[[bytes], bytes]] = {READ: read}
PRELOAD = ("docsearch_cli.corpus.formats.markdown", "Stemmer")
