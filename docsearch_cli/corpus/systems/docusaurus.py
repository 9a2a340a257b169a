"""Docusaurus: numbers order the files, and old versions lie in folders of their own."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

# An order in front of a name; dates and versions begin with digits too and are left as they are.
_NUMBERED = re.compile(r"\d+\s*[-_.]+\s*(?=[^-_.\s\d])")
_VERSION_FOLDER = re.compile(r"(?:^|(?<=/))versioned_(\w+)/version-([^/]+)(?=/)")
_SITE = "@site"
CONFIG_FILES = tuple(f"docusaurus.config.{suffix}" for suffix in ("js", "ts", "mjs", "cjs", "mts"))
_OPTION = re.compile(
    r"(?<![\w.])[\"']?(?P<name>path|routeBasePath)[\"']?\s*:\s*[\"'](?P<value>[\w./-]+)[\"']"
)
# The options of a plugin stand close to each other.
_MOST_CHARS_APART = 600
_DOCS = "docs"


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


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the folders that are served as the site's root, and those with another name."""
    content: dict[str, None] = {}
    mounts: dict[str, None] = {}
    for folder, route in _routed_folders(text):
        if not route:
            content[folder] = None
        elif folder != route:
            mounts[f"{route}:{folder}"] = None
    found = {"content": " ".join(content), "mounts": " ".join(mounts)}
    return {name: value for name, value in found.items() if value}


def _routed_folders(text: str) -> Iterator[tuple[str, str]]:
    """Yield folders of pages, each with the route below which it is served."""
    options = list(_OPTION.finditer(text))
    for number, option in enumerate(options):
        if option["name"] != "routeBasePath":
            continue
        near = (options[number - 1] if number else None, *options[number + 1 : number + 2])
        folders = [
            other
            for other in near
            if other is not None
            and other["name"] == "path"
            and abs(other.start() - option.start()) < _MOST_CHARS_APART
        ]
        folder = folders[0]["value"] if folders else option["value"].strip("/") or _DOCS
        yield posixpath.normpath(folder), option["value"].strip("/")
