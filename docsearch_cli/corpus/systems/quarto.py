"""Quarto: pages that it makes of others, and folders of pages that programs add to.

Of a notebook that a page takes in it makes a page of its own, ``x-preview.html``. A file
``_metadata.yml`` may name filters for the pages of its folder, which can give them any place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_FILTERS = re.compile(r"^filters:", re.MULTILINE)
_PREVIEW = re.compile(r"(.+?)(?:\.embed)?-preview\.html")


def made_of(address: str) -> str | None:
    """Return the notebook or page, without suffix, of which a page at this address is made."""
    found = _PREVIEW.fullmatch(address)
    return found[1] if found is not None else None


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return whether programs add to the pages of a folder."""
    return {"made-places": "yes"} if _FILTERS.search(text) else {}
