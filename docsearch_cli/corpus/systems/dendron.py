"""Dendron: a note's name is its place in a tree, ``a.b.c``; other vaults are named before it.

What an inclusion takes of a note stands behind the heading with which it begins:
``a.b#summary,1:#*``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_VAULT = re.compile(r"dendron://([^/]+)/")
_LIST = re.compile(r"^([ \t]*)vaults:[ \t]*\n((?:\1[ \t-][^\n]*\n?|[ \t]*\n)*)", re.MULTILINE)
_NAME = re.compile(r"\b(?:name|fsPath):[ \t]*[\"']?([^\s\"']+)")
_VAULTS = "vaults"
_RANGE = re.compile(r"(?:,\d+)?(?::#[^#]*)?$")


def page_in_link(target: str, settings: Mapping[str, str]) -> str:
    """Return the note that a wiki link means, without its vault, and the place in it.

    Args:
        target: The link's target.
        settings: See ``settings_in``.

    Returns:
        The note; the target itself if it names a vault that is none of the workspace's.
    """
    vault = _VAULT.match(target)
    known = settings.get(_VAULTS, "").split()
    if vault is not None and known and vault[1] not in known:
        return target
    name, sign, place = _VAULT.sub("", target, count=1).partition("#")
    place = _RANGE.sub("", place, count=1).strip()
    return f"{name}#{place}" if sign and place != "*" else name


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the names of a workspace's vaults."""
    found = _LIST.search(text)
    names = (
        name.strip("/").rpartition("/")[2] for name in _NAME.findall(found[2] if found else "")
    )
    vaults = " ".join(dict.fromkeys(names))
    return {_VAULTS: vaults} if vaults else {}
