"""The ids that are written in the text of a Markdown section, in any way a tool knows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from docsearch_cli.corpus.anchor_rules import ANY_PLACE, HeadingAnchors
from docsearch_cli.corpus.formats.markdown_links import plain_inline

_TAG_ID = re.compile(r"<[a-zA-Z][^<>]{0,300}?\s(?:name|id)\s*=\s*[\"']?([^\s\"'<>]+)")
# Ids of paragraphs, figures, spans, equations: {#id}, {: #id}, {.class #id}.
_ATTRIBUTE_ID = re.compile(r"\{:?(?:[^{}#\r\n]{0,200}\s)?(?:#|id=[\"']?)([^\s{}#\"']{1,200})")
# What makes headings and ids that are in no file: mkdocstrings and mkdocs-click, Sphinx's autodoc,
# parts of MDX, an empty element with an id, which a script fills.
_MADE_CONTENT = re.compile(
    r"^[ \t]*:::[ \t]+[\w.]+[ \t]*$|^[ \t]*(?:`{3,}|:{3,})\{(?:auto\w*|eval-rst|py:\w+|click)\}"
    r"|^:{3,}[ \t]*\{#[^{}\n]{1,200}\}[ \t]*\n:{3,}[ \t]*$"
    r"|^:::[ \t]+[\w.-]+[ \t]*\n[ \t]+:[\w-]+:[ \t]"
    r"|^<[A-Z]\w*\s[^<>=]{0,300}=[^<>]{0,500}/>",
    re.MULTILINE,
)
# A variable that is a block of its own: macros of MkDocs fill it with a part of the page.
_FILLED = re.compile(r"(?:\A|\n)[ \t]*\n\{\{ ?[A-Za-z_]\w{0,60} ?\}\}[ \t]*(?:\n[ \t]*\n|\s*\Z)")
_MADE_DIRECTIVE = re.compile(r"\{(?:auto|eval-rst|py:|click\})")
# A program of the site that a page imports, and a component without content or settings.
_PROGRAM = re.compile(
    r"\bimport\b[^'\"\n]{1,200}['\"](?:\.{1,2}|@site|@)/[\w./-]{0,200}?"
    r"(?:\.(?:vue|svelte|jsx?|tsx?)|/[\w-]{1,80})['\"]"
)
_BARE_COMPONENT = re.compile(r"^[ \t]*<[A-Z]\w*[ \t]*/>", re.MULTILINE)
# Those of directives of MyST and of cells of Quarto.
_OPTION_ID = re.compile(r"^(?::(?:name|label):|#\| *label:)[ \t]+([^\s{}]{1,200})", re.MULTILINE)
# GitHub gives headings written as HTML anchors too.
_HTML_HEADING = re.compile(r"<[hH]([1-6])\b[^<>]{0,300}>(.{1,500}?)</[hH]\1", re.DOTALL)
# A comment that a tool replaces by what it names: <!-- md:option name -->.
_NAMED_COMMENT = re.compile(r"<!--[ \t]*[\w-]{1,40}:[\w-]{1,40}[ \t]+([^\s<>]{1,200})[ \t]*-->")
_BLOCK_ID = re.compile(r"(?:^|[ \t]|(?<=\]\]))\^([A-Za-z0-9-]+)[ \t]*$", re.MULTILINE)
# Tabs of PyMdown's, which site generators can give anchors.
_TAB = re.compile(r"^[ \t]*===[!+]{0,2} \"([^\"\n]{1,200})\"[ \t]*$", re.MULTILINE)
# Hugo gives terms of definition lists anchors.
_DEFINITION = re.compile(r"\n\n?:[ \t]+\S")
_MOST_TERM_CHARS = 200


def anchors_in(text: str, heading: str = "") -> Iterator[str]:
    """Yield the ids that are written in a text, and those that its terms and HTML headings get.

    Args:
        text: A section's own text.
        heading: What it stands under, which may be part of the ids of its tabs.

    Yields:
        Ids; ``ANY_PLACE`` if a tool makes some that are not written.
    """
    if "<" in text:
        for found in _TAG_ID.findall(text):
            yield html.unescape(found)
        for _, heading in _HTML_HEADING.findall(text):
            yield from _slugs(heading)
        if "<!--" in text:
            for name in _NAMED_COMMENT.findall(text):
                yield from (name, f"+{name}")
    if "\n:" in text:
        for term in _terms(text):
            # Its number where a heading or another term has the same anchor.
            yield from (numbered for slug in _slugs(term) for numbered in (slug, f"{slug}-1"))
    if '=== "' in text:
        for slug in (slug for tab in _TAB.findall(text) for slug in _slugs(tab)):
            yield from (slug, *(f"{above}-{slug}" for above in _slugs(heading)))
    if "^" in text:
        for block_id in _BLOCK_ID.findall(text):
            yield "^" + block_id
    if "{" in text and ("#" in text or "id=" in text):
        yield from (name.replace("\\_", "_") for name in _ATTRIBUTE_ID.findall(text))
    if _may_make_content(text) and _MADE_CONTENT.search(text):
        yield ANY_PLACE
    if "\n{{" in text and _FILLED.search(text):
        yield ANY_PLACE
    if "import" in text and _PROGRAM.search(text) and _BARE_COMPONENT.search(text):
        yield ANY_PLACE
    if ":name:" in text or ":label:" in text or ("|" in text and "#|" in text):
        yield from _OPTION_ID.findall(text)


def _may_make_content(text: str) -> bool:
    if "::: " in text or ("<" in text and "\n<" in text):
        return True
    return _MADE_DIRECTIVE.search(text) is not None


def _slugs(heading: str) -> list[str]:
    return HeadingAnchors().anchors_of(plain_inline(" ".join(heading.split()), {}))


def _terms(text: str) -> Iterator[str]:
    """Yield the terms of definition lists: the lines above those that begin with a colon."""
    for found in _DEFINITION.finditer(text):
        begin = text.rfind("\n", 0, found.start()) + 1
        term = text[begin : found.start()]
        if (
            term
            and not term.startswith((" ", "\t", ":", ">", "|"))
            and len(term) <= _MOST_TERM_CHARS
        ):
            yield term
