"""Dendron: a note's name is its place in a tree, ``a.b.c``; other vaults are named before it.

What an inclusion takes of a note stands behind the heading with which it begins:
``a.b#summary,1:#*``.
"""

from __future__ import annotations

import re

_VAULT = re.compile(r"dendron://[^/]+/")
_RANGE = re.compile(r"(?:,\d+)?(?::#[^#]*)?$")


def page_in_link(target: str) -> str:
    """Return the note that a wiki link means, without its vault, and the place in it."""
    name, sign, place = _VAULT.sub("", target, count=1).partition("#")
    place = _RANGE.sub("", place, count=1).strip()
    return f"{name}#{place}" if sign and place != "*" else name
