"""Docusaurus: numbers order the files, and old versions lie in folders of their own."""

from __future__ import annotations

import re

# An order in front of a name; dates and versions begin with digits too and are left as they are.
_NUMBERED = re.compile(r"\d+\s*[-_.]+\s*(?=[^-_.\s\d])")
_VERSION_FOLDER = re.compile(r"(?:^|(?<=/))versioned_(\w+)/version-([^/]+)(?=/)")
_SITE = "@site"


def served_path(path: str) -> str:
    """Return the path at which a page is served: without numbers and version folders.

    Args:
        path: The file's path without suffix, or a folder.

    Returns:
        ``guides/intro`` for ``02-guides/01-intro``.
    """
    path = _VERSION_FOLDER.sub(r"\1/\2", path)
    if any(map(str.isdigit, path)):
        parts = path.split("/")
        path = "/".join(_NUMBERED.sub("", part, count=1) if _NUMBERED.match(part) else part
            for part in parts)  # fmt: skip
    return path


def address_of(target: str) -> str:
    """Return a link's target without ``@site``, which stands for the site's folder."""
    return target.removeprefix(_SITE)
