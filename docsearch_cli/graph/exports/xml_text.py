"""Text of documents as XML can hold it, and as a picture can show it.

XML 1.0 has no way at all to write most control characters, lone surrogates and two noncharacters:
a control character becomes its picture (U+2400 and on), anything else U+FFFD. All else survives,
line breaks and tabs in attributes included.

Source:
    W3C, "Extensible Markup Language (XML) 1.0", fifth edition, production 2 (Char), 3.3.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What changes the direction of writing, so that one name reads like another; a picture of C1.
_MISLEADING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A parser makes one space of each of these in an attribute, and \n of \r in text.
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)


def xml_allowed(text: str) -> str:
    """Return a text without what XML 1.0 forbids."""
    return _FORBIDDEN.sub(_stand_in, text)


def xml_escape(text: str) -> str:
    """Return a text for an element or an attribute in double quotes, of XML or HTML."""
    return xml_allowed(text).translate(_ESCAPES)


def shown_text(text: str) -> str:
    """Return a text on one line, without what a reader does not see but is misled by."""
    return _MISLEADING.sub("\ufffd", xml_allowed(" ".join(text.split())))


def distinct_ids(ids: Iterable[str]) -> list[str]:
    """Return ids without what XML 1.0 forbids, still distinct.

    Args:
        ids: Distinct ones.

    Returns:
        Those as they are where they may be; one that would be taken already gets ``#2``, ``#3``.
    """
    kept = list(ids)
    taken = {name for name in kept if not _FORBIDDEN.search(name)}
    found = []
    for name in kept:
        allowed = xml_allowed(name)
        if allowed != name:
            number, wanted = 2, allowed
            while wanted in taken:
                wanted, number = f"{allowed}#{number}", number + 1
            taken.add(wanted)
            allowed = wanted
        found.append(allowed)
    return found


def _stand_in(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
