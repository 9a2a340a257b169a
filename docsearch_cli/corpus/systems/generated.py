"""Pages that a program makes of all other pages: indexes, searches, lists of modules or tags.

Such a page holds the words of every other one and links to all of them, so it would be found by
every question, be the centre of the graph, and answer nothing. It is told by its file's name and by
the mark that the program leaves in its pages; a name that people give to pages too needs more than
the mark of a page that nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from docsearch_cli.corpus.formats.html_plain import plain_html
from docsearch_cli.models import Document

# The mark of a program stands in a page's head or at its end.
_HEAD_CHARS = 16 * 1024
_TAIL_CHARS = 4 * 1024
_WORD = re.compile(r"\w+")
# Of a list, most words are links; a page by hand says something between them.
_LIST_SHARE = 0.6
_FEWEST_LINKS = 5


class _Maker(NamedTuple):
    name: str
    mark: re.Pattern[str]
    """What the program leaves in its pages."""
    own: re.Pattern[str]
    """Names, without suffix, that only its generated pages have."""
    lists: re.Pattern[str]
    """Names of generated lists that pages by hand have too."""
    others: re.Pattern[str]
    """Names of other generated pages that no page by hand has where the mark is."""


def _names(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*/)?(?:{pattern})", re.IGNORECASE)


_NONE = r"(?!)"
_MAKERS = (
    _Maker(
        "Sphinx",
        re.compile(r"genindex\.html|documentation_options\.js|searchtools\.js|[Ss]phinx"),
        _names(r"genindex(?:-\w+)?|(?:py-|np-|c-|cpp-|js-|rb-)?modindex|http-routingtable"),
        _names(r"contents|_modules/index|(?:_?tags|_?tag)/[^/]+|tagsindex"),
        _names(r"search"),
    ),
    _Maker(
        "mdBook",
        re.compile(r"[mM]dBook|mdbook|book(?:-[0-9a-f]+)?\.js"),
        _names(_NONE),
        _names(r"toc(?:-[0-9a-f]+)?"),
        _names(r"print"),
    ),
    _Maker(
        "MkDocs",
        re.compile(r"[mM]k[dD]ocs"),
        _names(_NONE),
        _names(r"(?:.*/)?(?:tags|categories|archive)(?:/index|/[^/]+(?:/index)?)?"),
        _names(r"search(?:/index)?"),
    ),
    _Maker(
        "Javadoc",
        re.compile(r"[jJ]avadoc"),
        _names(
            r"allclasses(?:-index|-frame|-noframe)?|allpackages-index|overview-tree|package-tree"
        ),
        _names(r"index-files/index-\d+"),
        _names(r"index-all|constant-values|serialized-form|help-doc|overview-frame|package-frame"),
    ),
    _Maker(
        "Doxygen",
        re.compile(r"[Gg]enerated (?:on .{0,60} )?by doxygen|content=\"Doxygen", re.IGNORECASE),
        _names(r"globals_(?:\w+)|functions_(?:\w+)|namespacemembers(?:_\w+)?|graph_legend"),
        _names(
            r"files|annotated|classes|hierarchy|inherits|globals|functions|namespaces|pages"
            r"|modules|topics|dir_[0-9a-f]+|search"
        ),
        _names(_NONE),
    ),
    _Maker(
        "rustdoc",
        re.compile(r"content=\"rustdoc\""),
        _names(_NONE),
        _names(r"all|(?:.*/)?(?:sidebar-items|source-files)"),
        _names(r"help|settings"),
    ),
    _Maker(
        "YARD",
        re.compile(r"YARD|yard\.js|class_list\.html"),
        _names(_NONE),
        _names(r"_index|(?:class|method|file|tag)_list|table_of_contents"),
        _names(_NONE),
    ),
    _Maker(
        "Texinfo",
        re.compile(r"GNU Texinfo|makeinfo|texi2html", re.IGNORECASE),
        _names(_NONE),
        _names(r"(?:[\w-]*-)?Index|[\w-]*_toc|(?:.*/)?doc-index"),
        _names(_NONE),
    ),
    _Maker(
        "Hugo",
        re.compile(r"content=[\"']?Hugo"),
        _names(_NONE),
        _names(r"(?:.*/)?(?:tags|categories|topics|archives?)(?:/index|/[^/]+(?:/index)?)?"),
        _names(_NONE),
    ),
    _Maker(
        "Jekyll",
        re.compile(r"content=[\"']?Jekyll"),
        _names(_NONE),
        _names(r"(?:.*/)?(?:tags?|categor(?:y|ies)|archives?)(?:/index|/[^/]+(?:/index)?)?"),
        _names(r"search(?:/index)?"),
    ),
)


def maker_of(path: str, source: str, document: Document) -> str:
    """Tell which program made an HTML page of other pages.

    Args:
        path: The page's path.
        source: Its decoded file.
        document: What was read of it.

    Returns:
        The program's name; empty for any other page.
    """
    stem = path.rpartition(".")[0]
    for maker in _candidates(stem):
        if maker.mark.search(source[:_HEAD_CHARS] + source[-_TAIL_CHARS:]):
            is_made = maker.own.fullmatch(stem) or maker.others.fullmatch(stem)
            if is_made or _is_list_of_links(document):
                return maker.name
    return ""


def names_of_made(path: str) -> tuple[str, str]:
    """Return the names by which a generated page is found.

    Args:
        path: The page's path.

    Returns:
        The name of its file, and without the suffix if no other page is called so, else empty.
    """
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0]
    return name, stem if any(maker.own.fullmatch(stem) for maker in _MAKERS) else ""


def _candidates(stem: str) -> Iterator[_Maker]:
    for maker in _MAKERS:
        if any(names.fullmatch(stem) for names in (maker.own, maker.lists, maker.others)):
            yield maker


def _is_list_of_links(document: Document) -> bool:
    """Tell whether most words of a page are links."""
    linked = sum(len(_WORD.findall(link.text)) for link in document.links)
    texts = (plain_html(section.text) for section in document.sections)
    words = sum(len(_WORD.findall(text)) for text in texts)
    return len(document.links) >= _FEWEST_LINKS and linked >= _LIST_SHARE * words
