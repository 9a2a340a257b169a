"""Text that gzip has packed, as manual pages are: unpacked within a limit."""

from __future__ import annotations

import zlib

from docsearch_cli.corpus.reader_errors import ReaderError

SUFFIX = ".gz"
_MAGIC = b"\x1f\x8b"
_MOST_BYTES = 20_000_000
"""As the largest file that is indexed."""
_GZIP = 31


def gunzip(data: bytes) -> bytes:
    """Return what a file that gzip packed holds; one that it did not is returned as it is.

    Args:
        data: The file.

    Returns:
        Its content.

    Raises:
        ReaderError: If it is damaged, or unpacks to more than a document may be.
    """
    if not data.startswith(_MAGIC):
        return data
    unpacker = zlib.decompressobj(_GZIP)
    try:
        text = unpacker.decompress(data, _MOST_BYTES + 1)
    except zlib.error as error:
        raise ReaderError(f"its gzip is damaged: {error}") from error
    if len(text) > _MOST_BYTES:
        raise ReaderError(f"it unpacks to more than {_MOST_BYTES:,} bytes", reason="too-large")
    if not unpacker.eof:
        raise ReaderError("its gzip is cut off")
    return text
