"""Dendron: a note's name is its place in a tree, ``a.b.c``; other vaults are named before it."""

from __future__ import annotations

import re

_VAULT = re.compile(r"dendron://[^/]+/")


def page_in_link(target: str) -> str:
    """Return the name of the note that a wiki link means, without its vault."""
    return _VAULT.sub("", target, count=1)
