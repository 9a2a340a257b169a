"""What a link's target is found to be."""

from __future__ import annotations

from typing import NamedTuple


class Outcome(NamedTuple):
    """What a link's target is: a document, or one of the other kinds."""

    number: int | None = None
    fragment: str = ""
    kind: str = "document"
    """``document``, ``external``, ``local``, ``other``, ``missing``, ``outside``, ``label``,
    ``text`` (not a link after all), ``unwritten`` (a page that is there without a file);
    ``generated`` and ``elsewhere`` (only the site's tool, or another repository, knows)."""
    candidates: tuple[int, ...] = ()
