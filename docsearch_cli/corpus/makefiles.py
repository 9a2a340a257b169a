"""Pages that a ``Makefile`` makes: the targets of its rules.

A link to such a page leads to what is there when the site has been built. The file is read as text;
what it makes is kept as labels of it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

_NAMES = ("Makefile", "Makefile.am", "GNUmakefile", "makefile")
_RULE = re.compile(r"^([^\s:=#][^:=#\n]{0,2000}+)::?(?!=)", re.MULTILINE)
_PAGE = re.compile(
    r"(?:\$[({](?:abs_)?(?:top_)?(?:src|build)dir[)}]/|\./)?"
    r"(\w[\w.+-]*(?:/\w[\w.+-]*)*)\.(?:adoc|html?|md|rst|txt)"
)
_LABEL = "made:"
# Of a file of more, what it makes is no page by page that people link to.
_MOST_PAGES = 1_000


def made_label(path: str) -> str:
    """Return the label that says that a page is made.

    Args:
        path: The page's path, without suffix.

    Returns:
        The label.
    """
    return _LABEL + path


def made_in(path: str, source: str) -> tuple[str, ...]:
    """Return the labels of the pages that a file makes.

    Args:
        path: The file.
        source: Its text.

    Returns:
        The labels; none if it is no ``Makefile``.
    """
    if path.rpartition("/")[2] not in _NAMES:
        return ()
    pages = dict.fromkeys(_pages_of(source))
    folder = posixpath.dirname(path)
    return tuple(made_label(posixpath.join(folder, page)) for page in list(pages)[:_MOST_PAGES])


def _pages_of(source: str) -> Iterator[str]:
    for rule in _RULE.finditer(source):
        for word in rule[1].split():
            page = _PAGE.fullmatch(word)
            if page is not None:
                yield page[1]
