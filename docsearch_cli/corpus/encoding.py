r"""From bytes to text, without touching a character that a quote could hold.

Line ends are never normalised, and only ``\r\n``, ``\n`` and ``\r`` end a line: the other
separators that ``str.splitlines`` knows (form feed, U+2028, ...) are characters of the line, as
they are for an editor or for ``sed``.
"""

from __future__ import annotations

import bisect
import codecs
import re

from docsearch_cli.corpus.reader_errors import ReaderError

# Longest first: the UTF-32-LE mark begins with the UTF-16-LE one.
_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ANY_MARK = tuple(mark for mark, _ in _BYTE_ORDER_MARKS)
# Detection time grows with the sample; 64 KiB of prose settles any encoding.
_DETECTION_BYTES = 64 * 1024
# As many as git checks to tell a binary file from text.
_SNIFF_BYTES = 8000
# Share of control bytes above which a file without NUL bytes still counts as binary.
_CONTROL_SHARE = 0.1
# A damaged UTF-8 file is taken as UTF-8 when sound multi-byte characters outnumber bad ones by so
# much: guessing a legacy code page would damage every accented word because of one byte.
_SOUND_PER_BAD = 4
# Between code pages that fit about equally well, one that was in common use wins.
_USUAL_CODE_PAGES = ("cp1252", "cp1251")
_COHERENCE_TIE = 0.1
_CONTROL_BYTES = bytes({*range(32), 127} - {7, 8, 9, 10, 12, 13, 27})
_LINE_END = re.compile(r"\r\n|\n|\r")


class UndecodableError(ReaderError):
    """No encoding gives text."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="undecodable")


def decode(data: bytes) -> tuple[str, str]:
    """Decode a file's bytes: by its byte order mark, as UTF-8, else by detection.

    Args:
        data: The whole file.

    Returns:
        The text without a byte order mark, and the name of the encoding. If no encoding gives
        text, ``UndecodableError`` is raised.
    """
    for mark, name in _BYTE_ORDER_MARKS if data.startswith(_ANY_MARK) else ():
        if data.startswith(mark):
            try:
                return data.decode(name), name
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        damaged = _decode_damaged_utf8(data)
        if damaged is not None:
            return damaged, "utf-8"
        return _decode_by_detection(data, error)


def _decode_damaged_utf8(data: bytes) -> str | None:
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    bad = text.count("\ufffd")
    sound = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    return text if sound >= _SOUND_PER_BAD * bad else None


def _decode_by_detection(data: bytes, cause: UnicodeDecodeError) -> tuple[str, str]:
    import charset_normalizer

    sample = data[:_DETECTION_BYTES]
    if len(data) > len(sample):  # do not cut a multi-byte character in two
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    matches = list(charset_normalizer.from_bytes(sample))
    if matches:
        best = matches[0]
        matches.sort(
            key=lambda match: (
                match.chaos > best.chaos
                or match.coherence < best.coherence - _COHERENCE_TIE
                or match.encoding not in _USUAL_CODE_PAGES
            )
        )
    for match in matches:
        try:
            return data.decode(match.encoding), match.encoding
        except (UnicodeDecodeError, LookupError):
            continue
    raise UndecodableError(f"not UTF-8 (byte {cause.start}) and no other encoding fits") from cause


def is_binary(data: bytes) -> bool:
    """Tell whether bytes are something other than text.

    Args:
        data: The file, or its beginning.

    Returns:
        True for NUL bytes or many control bytes, unless a byte order mark explains them.
    """
    if data.startswith(_ANY_MARK):
        return False
    sample = data[:_SNIFF_BYTES]
    if b"\x00" in sample:
        return True
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    return controls > _CONTROL_SHARE * len(sample)


def line_starts(text: str) -> list[int]:
    """Return the offset at which each line of ``text`` starts.

    Args:
        text: Decoded text, line ends as they are in the file.

    Returns:
        Ascending offsets, the first 0; a line end at the very end opens no further line.
    """
    starts = [0]
    if "\r" in text:
        starts += [found.end() for found in _LINE_END.finditer(text)]
    else:
        position = text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = text.find("\n", position + 1)
    if len(starts) > 1 and starts[-1] == len(text):
        starts.pop()
    return starts


def line_number(starts: list[int], offset: int) -> int:
    """Return the line, counted from 1, on which the character at ``offset`` stands."""
    return bisect.bisect_right(starts, offset)


def count_line_ends(text: str, start: int = 0, end: int | None = None) -> int:
    """Count the line ends in a text.

    Args:
        text: The text.
        start: Where to begin.
        end: Where to stop; by default where the text ends.

    Returns:
        Their number.
    """
    stop = len(text) if end is None else end
    if text.find("\r", start, stop) < 0:
        return text.count("\n", start, stop)
    return sum(1 for _ in _LINE_END.finditer(text, start, stop))


class LineCounter:
    """Finds the lines of places in a text; places in order take one pass over it.

    Counting from the beginning for every place would be quadratic.
    """

    def __init__(self, text: str, first_line: int) -> None:
        self._text = text
        self._line = first_line
        self._place = 0

    def line_at(self, place: int) -> int:
        r"""Return the line of a place in a text whose lines end with ``\n``.

        Args:
            place: Offset. It may be smaller than the one before, at the cost of the distance.

        Returns:
            The line, counted from the text's first line.
        """
        if place >= self._place:
            self._line += self._text.count("\n", self._place, place)
        else:
            self._line -= self._text.count("\n", place, self._place)
        self._place = place
        return self._line
