"""Routes: the paths at which a site serves a page, where they differ from its file's.

Site generators take numbers off names (``02-guides/01-intro.md``), put hyphens for spaces, let a
page name its own address, and serve a page named like its folder as the folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# An order in front of a name; dates and versions begin with digits too and are left as they are.
_NUMBERED = re.compile(r"\d+\s*[-_.]+\s*(?=[^-_.\s\d])")
_VERSION_FOLDER = re.compile(r"(?:^|(?<=/))versioned_(\w+)/version-([^/]+)(?=/)")


def routes_of(stem: str, declared: Sequence[str], *, is_index: bool) -> Iterator[str]:
    """Find the routes of a document.

    Args:
        stem: Its path without suffix.
        declared: Addresses of its front matter, see ``Document.routes``.
        is_index: Whether it stands for its folder.

    Yields:
        Paths below the root; one may come twice.
    """
    folder, _, name = stem.rpartition("/")
    for route in declared:
        bare = route.strip("/")
        for suffix in (".html", ".htm"):
            bare = bare.removesuffix(suffix)
        bare = bare.removesuffix("/index")
        if not bare:
            continue
        if route.startswith("/"):
            # Which folder is the site's root is not known.
            parts = folder.split("/") if folder else []
            for count in range(len(parts) + 1):
                yield "/".join((*parts[:count], bare))
        else:
            place = folder.rpartition("/")[0] if is_index else folder
            yield f"{place}/{bare}" if place else bare
            yield _served(f"{place}/{bare}" if place else bare)
    served = _served(folder if is_index else stem)
    if served != stem:
        yield served
    if folder.rpartition("/")[2].lower() == name.lower():
        yield folder
        yield _served(folder)


def _served(path: str) -> str:
    """Return a path without numbers, version folders and spaces."""
    path = _VERSION_FOLDER.sub(r"\1/\2", path)
    if any(map(str.isdigit, path)):
        path = "/".join(_NUMBERED.sub("", part, count=1) if _NUMBERED.match(part) else part
            for part in path.split("/"))  # fmt: skip
    return path.replace(" ", "-")
