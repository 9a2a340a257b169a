"""Jekyll: tags name a page, by its path or by the name of its post."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINK = re.compile(r"\{%-?\s*link\s+(\S+)\s*-?%\}")
# Folders of collections, which are served without their underscore; these hold no pages.
_COLLECTION = re.compile(
    r"(?:^|(?<=/))_(?!(?:posts|drafts|includes|layouts|data|sass)/)(?=\w[^/]*/)"
)
# The addresses of all pages, or of posts alone: "permalink: /:title/".
_PERMALINK = re.compile(r"^[ \t]*permalink:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_DATED = re.compile(r":(?:i_|short_|long_)?(?:year|month|day|y_day|week)|date|pretty|ordinal")
_UNDATED = "undated"
_POST = re.compile(r"\{%-?\s*post_url\s+(\S+)\s*-?%\}")


def served_path(path: str) -> str:
    """Return the path at which a page of a collection is served.

    Args:
        path: The file's path without suffix, or a folder.

    Returns:
        ``docs/install`` for ``_docs/install``.
    """
    return _COLLECTION.sub("", path)


def named_page(target: str) -> str | None:
    """Return the page that a link's target names by ``post_url``, with what follows it."""
    found = _POST.match(target)
    return found[1] + target[found.end() :] if found else None


def address_of(target: str) -> str:
    """Return a link's target with the path from the site's root for a ``link`` tag."""
    return _LINK.sub(r"/\1", target, count=1)


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return whether a site's configuration gives posts addresses without their dates."""
    patterns = _PERMALINK.findall(text)
    is_undated = any("title" in p or p == "none" for p in patterns if not _DATED.search(p))
    return {_UNDATED: "yes"} if is_undated else {}


def has_undated_posts(settings: Mapping[str, str]) -> bool:
    """Tell whether the address of a post may lack its date."""
    return _UNDATED in settings
