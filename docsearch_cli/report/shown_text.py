"""Text of documents, questions and logs as a page may show it: always text, and what it is.

A template escapes what is HTML. Here goes what HTML has no way to say or a reader would be deceived
by: control characters are shown as their pictures, what changes the direction of writing by its
number, half of a character as its code.
"""

from __future__ import annotations

from docsearch_cli.corpus.graphemes import whole_until

# A text that is longer is nothing to read on a page: it stands in the record.
MOST_CHARS = 20_000
_KEPT = "\n\t"
_PICTURES: dict[int, str] = {
    code: chr(0x2400 + code) for code in range(32) if chr(code) not in _KEPT
}
_PICTURES[0x7F] = "\u2421"
_SPELLED = (
    *range(0x80, 0xA0),  # C1 controls
    *(0x61C, 0x200E, 0x200F),  # marks of direction
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    *(0xFFFE, 0xFFFF),
)
_TABLE = _PICTURES | {code: f"<U+{code:04X}>" for code in _SPELLED}


def shown(text: str, most: int = MOST_CHARS) -> str:
    """Return a text as a page shows it, before it is escaped.

    Args:
        text: Any text, lone surrogates included.
        most: Most characters to show.

    Returns:
        The text without control characters; what is longer is cut, and how much is said.
    """
    rest = ""
    if len(text) > most:
        end = whole_until(text, most)
        rest = f" […{len(text) - end:,} more characters]"
        text = text[:end]
    plain = text.translate(_TABLE)
    if not plain.isascii():
        plain = plain.encode("utf-8", "backslashreplace").decode("utf-8")
    return plain + rest


def named(text: str, most: int = 300) -> str:
    """Return a name or a title on one line, as a page shows it."""
    return shown(" ".join(text.split()), most)
