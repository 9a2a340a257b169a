"""MkDocs, and what reads its configuration: it says in which folder the pages are.

A configuration may inherit from another file (``INHERIT: ../base.yml``): what that says holds for
the site that inherits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_SUFFIXES = ("yml", "yaml")
CONFIG_FILES = (
    *(f"{name}.{suffix}" for name in ("*mkdocs*", "base", "common") for suffix in _SUFFIXES),
    "zensical.toml",
)
"""Names of configuration files, those that others inherit from included."""
INHERITED = "inherits"
"""Setting that names the file that a configuration inherits from, as its folder sees it."""
_FOLDER = re.compile(r"^docs_dir[ \t]*[:=][ \t]*[\"']?([\w./-]+)", re.MULTILINE)
_INHERIT = re.compile(r"^INHERIT:[ \t]*[\"']?([\w./-]+)", re.MULTILINE)


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the folder of the pages, where it is not the usual one, and what is inherited."""
    folder, inherited = _FOLDER.search(text), _INHERIT.search(text)
    found = {"content": folder[1].strip("/")} if folder is not None else {}
    return {**found, INHERITED: inherited[1]} if inherited is not None else found
