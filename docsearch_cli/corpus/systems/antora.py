"""Antora: pages of AsciiDoc in components and modules."""

from __future__ import annotations

import re

# version@component:module:family$path, all but the path optional.
_PAGE = re.compile(r"(?:[^@/]+@)?(?:(?P<component>[^:/]+):)?(?P<module>[^:/]*):(?P<page>.+)")

_FILE = re.compile(
    r"(?:[^@/:]+@)?(?:(?P<component>[^:/]+):)?(?:(?P<module>[^:/]*):)?"
    r"(?P<family>partial|example|page|attachment|image)\$(?P<file>.+)"
)


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


def path_of_include(name: str) -> str:
    """Return the path that the name of an included file means.

    Args:
        name: Target of an inclusion: ``partial$x.adoc``, ``module:example$x.rb``.

    Returns:
        A path from a folder above the page: that of the module, or that of the component; the name
        itself if it is none of Antora's.
    """
    found = _FILE.fullmatch(name)
    if found is None:
        return name
    component = f"/{found['component']}" if found["component"] else ""
    module = f"/modules/{found['module'] or 'ROOT'}" if found["module"] is not None else ""
    return f"{component}{module}/{found['family']}s/{found['file']}"
