"""Hugo: a shortcode names a page, wherever it lies."""

from __future__ import annotations

import re

LINK_HOOKS = (
    "layouts/_markup/render-link.html",
    "layouts/_default/_markup/render-link.html",
)
_REF = re.compile(
    r"\{\{[<%]\s*(?:rel)?ref\s+(?:path=)?[\"'`]?([^\"'`{}]+?)[\"'`]?(?:\s+\w+=[^{}]*)?\s*[>%]\}\}"
)
# The expression tries each end of the name with each end of what follows it.
_MOST_CHARS = 500


def named_page(target: str) -> str | None:
    """Return the page that a link's target names by ``ref`` or ``relref``, with what follows it."""
    found = _REF.match(target, 0, _MOST_CHARS)
    return found[1] + target[found.end() :] if found else None
