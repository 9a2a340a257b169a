"""Quarto: of a notebook that a page takes in, it makes a page of its own, ``x-preview.html``."""

from __future__ import annotations

import re

_PREVIEW = re.compile(r"(.+?)(?:\.embed)?-preview\.html")


def made_of(address: str) -> str | None:
    """Return the notebook or page, without suffix, of which a page at this address is made."""
    found = _PREVIEW.fullmatch(address)
    return found[1] if found is not None else None
