"""Jekyll: tags name a page, by its path or by the name of its post."""

from __future__ import annotations

import re

_COLLECTION = re.compile(r"(?:^|(?<=/))_(?=[a-z][^/]*/)")
_LINK = re.compile(r"\{%-?\s*link\s+(\S+)\s*-?%\}")
_POST = re.compile(r"\{%-?\s*post_url\s+(\S+)\s*-?%\}")


def served_path(path: str) -> str:
    """Return the path at which a page is served: a collection's folder loses its underscore."""
    return _COLLECTION.sub("", path)


def named_page(target: str) -> str | None:
    """Return the page that a link's target names by ``post_url``, with what follows it."""
    found = _POST.match(target)
    return found[1] + target[found.end() :] if found else None


def address_of(target: str) -> str:
    """Return a link's target with the path from the site's root for a ``link`` tag."""
    return _LINK.sub(r"/\1", target, count=1)
