"""Shortcodes of Hugo: what a page calls by a name, a template with the name makes.

A template that gives ids of its own makes places that are in no page's text. A page and a template
find each other by labels, which no link can name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_USED = re.compile(r"\{\{[<%]\s*([\w/-]{1,80})")
_TEMPLATE = re.compile(r"(?:^|/)_?shortcodes/([\w/-]{1,80})\.html$")
_MADE_ID = re.compile(r"\bid=[\"']?[^\"'>\s]{0,80}\{\{", re.IGNORECASE)
_USES, _MAKES = "uses-shortcode:", "shortcode-with-places:"
# A page with more is one of examples.
_MOST_USED = 50


def used_shortcodes(body: str) -> Iterator[str]:
    """Yield the labels of the shortcodes that a page calls."""
    has_any = "{{<" in body or "{{%" in body
    names = dict.fromkeys(_USED.findall(body) if has_any else ())
    yield from (f"{_USES}{name}" for name in list(names)[:_MOST_USED])


def made_shortcode(path: str, source: str) -> tuple[str, ...]:
    """Return the label of a shortcode's template that makes places.

    Args:
        path: The file.
        source: Its text.

    Returns:
        The label; none if it is no such template.
    """
    found = _TEMPLATE.search(path)
    return (f"{_MAKES}{found[1]}",) if found is not None and _MADE_ID.search(source) else ()


def templates_of(label: str) -> str | None:
    """Return the label of the template that a page with a label calls; None for other labels."""
    return f"{_MAKES}{label[len(_USES) :]}" if label.startswith(_USES) else None
