"""What a server says, made fit to be shown and recorded: no key, no control characters."""

from __future__ import annotations

import re
import unicodedata

# What a person reads of a failure.
_MOST_CHARS = 300
# Control, format, private, lone and unassigned characters, and separators of lines.
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
_HIDDEN = "[hidden]"
# A part of a key this long tells it; providers repeat a few characters of one to name it.
_LEAST_PART = 8
# Headers that let one in, and what looks like the keys of the known providers.
_LETS_IN = re.compile(
    r"(?i)\b(?:proxy-)?authorization\b\W{0,4}(?:(?:bearer|basic)\s+)?[^\s,;'\"]{1,400}"
    r"|\bbearer\s+[^\s,;'\"]{1,400}"
    r"|\b(?:x-api-key|x-goog-api-key|api[_-]?key)\b['\"]?\s{0,4}[:=]\s{0,4}['\"]?[^\s,;'\"]{1,400}"
    r"|\bsk-[A-Za-z0-9_*.-]{6,400}"
    r"|\bAIza[A-Za-z0-9_*-]{6,400}"
    r"|[?&]key=[^\s&]{1,400}"
)


def cleaned(text: str, key: str, most_chars: int = _MOST_CHARS) -> str:
    """Return a server's words on one line, without what lets one in.

    Args:
        text: As it came.
        key: The key that was sent with the request; empty for none.
        most_chars: Most characters to return.

    Returns:
        The text; what looks like a key is hidden, whoever's it is.
    """
    text = "".join(filter(is_shown, text[: 20 * most_chars + 2 * len(key)]))
    text = without_key(text, key)
    text = _LETS_IN.sub(_HIDDEN, text)
    return one_line(text, most_chars)


def one_line(text: str, most_chars: int) -> str:
    """Return a text on one line, without control and invisible characters, cut to a length."""
    kept = (char if is_shown(char) else " " for char in text)
    line = " ".join("".join(kept).split())
    return line if len(line) <= most_chars else line[: most_chars - 1].rstrip() + "…"


def is_shown(char: str) -> bool:
    """Tell whether a character is one that a person sees, or plain white space."""
    return char in "\n\t " or unicodedata.category(char) not in _UNSEEN


def without_key(text: str, key: str, least_part: int = _LEAST_PART) -> str:
    """Return a text in which a key is hidden, and each part of it that is long enough to tell it.

    Args:
        text: The text.
        key: The key; empty for none.
        least_part: How many characters of it in a row tell it.

    Returns:
        The text, whatever else it holds.
    """
    if not key:
        return text
    least = min(least_part, len(key))
    parts = {key[start : start + least] for start in range(len(key) - least + 1)}
    kept: list[str] = []
    place = hidden_to = 0
    while place < len(text):
        if text[place : place + least] in parts:
            if place >= hidden_to:
                kept.append(_HIDDEN)
            hidden_to = place + least
        if place >= hidden_to:
            kept.append(text[place])
        place += 1
    return "".join(kept)
