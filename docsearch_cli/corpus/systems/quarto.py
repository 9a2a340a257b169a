"""Quarto: pages that it makes of others, and folders of pages that programs add to.

Of a notebook that a page takes in it makes a page of its own, ``x-preview.html``. A file
``_metadata.yml`` may name filters for the pages of its folder, which can give them any place.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_FILTERS = re.compile(r"^filters:", re.MULTILINE)
# The references of a program, which quartodoc writes before a build.
_QUARTODOC = re.compile(r"^quartodoc:[ \t]*\n((?:[ \t]+[^\n]*\n?|[ \t]*\n)*)", re.MULTILINE)
_INTERLINKS = re.compile(
    r"^interlinks:|^[ \t]*-[ \t]*(?:quartodoc/)?interlinks[ \t]*$", re.MULTILINE
)
_FOLDER = re.compile(r"^[ \t]+dir:[ \t]*[\"']?([\w./-]+)", re.MULTILINE)
_PREVIEW = re.compile(r"(.+?)(?:\.embed)?-preview\.html")


def made_of(address: str) -> str | None:
    """Return the notebook or page, without suffix, of which a page at this address is made."""
    found = _PREVIEW.fullmatch(address)
    return found[1] if found is not None else None


def settings_in(name: str, text: str) -> Mapping[str, str]:
    """Return whether programs add to the pages of a folder, and which folder quartodoc fills."""
    if name == "_metadata.yml":
        return {"made-places": "yes"} if _FILTERS.search(text) else {}
    reference = _QUARTODOC.search(text)
    if reference is None:  # another file may have it
        return {"made-folder": "reference"} if _INTERLINKS.search(text) else {}
    folder = _FOLDER.search(reference[1])
    return {
        "made-folder": posixpath.normpath(folder[1].strip("/"))
        if folder is not None
        else "reference"
    }
