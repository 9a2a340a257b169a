"""References to manual pages, ``ls(1)``, wherever they stand.

A tree of manual pages in another format than troff (``ls.1.html``, ``ls.1.md``) has them in its
texts too, as links or not. Each leads to the page of that name and section, if it is there; which
others a system has installed, nobody knows here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from docsearch_cli.corpus.encoding import line_starts
from docsearch_cli.models import Document, Link

NAMED = re.compile(r"(?<![\w.])([A-Za-z_][\w.+:-]{0,60})[ ]?\(([1-9][a-z]{0,4})\)")
"""A reference in plain text: a name, and a section of the manual."""
# The same with the marks of a format between name and section.
_MARKED = re.compile(
    r"(?<![\w./])([A-Za-z_][\w.+:-]{0,60})(?:</\w{1,9}>|[*`]{1,2}|\\)?[ ]?\(([1-9][a-z]{0,4})\\?\)"
)
_FILE = re.compile(
    r"(?:.*/)?([\w.+:@-]+)\.([1-9][a-z]{0,4})"
    r"\.(?:adoc|asciidoc|html?|markdown|mdx?|org|pod|ronn|rst|txt|xml)"
)
# What stands before the last part of a version: "v1" of "v1.2.md", "release-1" of "release-1.2.md".
_OF_VERSION = re.compile(r"(?:.*[-_.])?v?\d+")


def page_of_file(path: str) -> str:
    """Return the name of the manual page that a file holds; empty if its name is not that of one.

    Args:
        path: The file.

    Returns:
        ``ls(1)`` for ``man/ls.1.html``.
    """
    found = _FILE.fullmatch(path)
    is_page = found is not None and not _OF_VERSION.fullmatch(found[1])
    return f"{found[1]}({found[2]})" if found is not None and is_page else ""


def reference_in(text: str) -> str:
    """Return the manual page that a link's text names and nothing else; empty if it names none."""
    found = NAMED.fullmatch(text.strip())
    # "Figure (1)" is none: a page of the manual is written without a space in a link.
    is_name = found is not None and " " not in found[0]
    return f"{found[1]}({found[2]})" if found is not None and is_name else ""


def with_references(document: Document, text: str) -> Document:
    """Return a document in a tree of manual pages with its name there, and with its references.

    Args:
        document: A document whose places are lines.
        text: Its text.

    Returns:
        The document; the same one if its file is not named as a manual page is.
    """
    own = page_of_file(document.path)
    if not own:
        return document
    links = (*document.links, *_references(text, own))
    return replace(document, aliases=(*document.aliases, own), links=links)


def _references(text: str, own: str) -> Iterator[Link]:
    known = {own.lower()}
    starts = line_starts(text)
    for number, (start, end) in enumerate(pairwise((*starts, len(text))), 1):
        line = text[start:end]
        for name, section in _MARKED.findall(line) if "(" in line else ():
            target = f"{name}({section})"
            if target.lower() not in known:
                known.add(target.lower())
                yield Link(target, target, number, "title")
