"""Antora: pages of AsciiDoc in components and modules."""

from __future__ import annotations

import re

# version@component:module:family$path, all but the path optional.
_PAGE = re.compile(r"(?:[^@/]+@)?(?:(?P<component>[^:/]+):)?(?P<module>[^:/]*):(?P<page>.+)")


def path_of_page(name: str) -> str:
    """Return the path that the name of a page means, below the folder of its component.

    Args:
        name: Target of a cross-reference.

    Returns:
        The path; the name itself if it is none of Antora's.
    """
    found = _PAGE.fullmatch(name)
    if found is None or "//" in name:
        return name
    page = found["page"].removeprefix("page$")
    component = f"/{found['component']}" if found["component"] else ""
    return f"{component}/modules/{found['module'] or 'ROOT'}/pages/{page}"
