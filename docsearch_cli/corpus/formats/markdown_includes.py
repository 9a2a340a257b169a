"""Files that a Markdown page takes in, as the tools of sites write it.

An inclusion stands on lines of its own. In code it is an example, or a listing of a program, and
not a part of the page's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docsearch_cli.corpus.encoding import LineCounter
from docsearch_cli.models import Link, LinkSyntax

_FENCE = re.compile(r"^[ \t>]*(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)$", re.MULTILINE)
_NAME = r"[^\s\"'`{}<>|]{1,300}+"
_QUOTED = r"(?:\"(?P<double>[^\"\n]{1,300})\"|'(?P<single>[^'\n]{1,300})')"
# Words in the names of shortcodes that take in a file; sites have their own, as "markdown_inline".
_TAKING_IN = ("include", "readfile", "embed", "inline")


def _named_for(word: str) -> str:
    """Return the pattern of a shortcode's name that has a word in it."""
    return rf"(?:[\w/-]{{0,40}}[_/-])?{word}(?:[_-][\w/-]{{0,40}})?"


_PATTERNS: tuple[tuple[tuple[str, ...], LinkSyntax, str], ...] = (
    # What a text must hold for a pattern to match, since most texts hold none of it.
        # Quarto
        (("{{<", "include"), "include",
            rf"^[ \t>]*\{{\{{<\s+include\s+(?P<bare>{_NAME})\s+>\}}\}}"),
        # mdBook
        (("#include",), "include", rf"^[ \t>]*\{{\{{\s*#include\s+(?P<bare>{_NAME})\s*\}}\}}"),
        # MyST, between colons
        ((":::", "{include}"), "include",
            rf"^[ \t]*:{{3,}}\s?\{{include\}}[ \t]+(?P<bare>{_NAME})"),
        # VitePress
        (("@include:",), "include", rf"^[ \t>]*<!--[ \t]*@include:[ \t]*(?P<bare>{_NAME})"),
        # markdown-it-include, as VuePress has it
        (("!!!include",), "snippet", r"^[ \t>]*!!![ ]?include[ ]?\((?P<bare>[^()\s]{1,300})\)!!!"),
        # DocFX
        *(((f"[!{word}",), "include", rf"^[^\n`]{{0,200}}\[!{word}[ \t]*\[[^\[\]\n]{{0,300}}\]"
            r"\((?P<bare>[^()\s]{1,300})\)") for word in ("include", "INCLUDE")),
        # PyMdown's snippets, on one line and as a block
        (("8<-",), "snippet", rf"^[ \t>]*-{{1,8}}8<-{{1,8}}[ \t]+{_QUOTED}"),
        (("8<-",), "snippet", r"^[ \t>]*-{1,8}8<-{1,8}[ \t]*\n"
            r"(?P<block>(?:(?![ \t>]*-{1,8}8<)[^\n]*\n){1,200})[ \t>]*-{1,8}8<-{1,8}[ \t]*$"),
        # Jekyll's pages, mkdocs-include-markdown, GitBook
        (("{%", "include"), "snippet", r"(?<!\{)\{%-?\s*include(?:-markdown|_relative)?\s+"
            rf"(?:{_QUOTED}|(?P<bare>{_NAME}))"
            r"(?<!\.html)|(?<!\{)\{%-?\s*include\s+(?P<whole>[\w./-]{1,300}\.html)\s*-?%\}"),
        # Hugo
        *((("{{", word), "snippet", rf"^[ \t>]*\{{\{{[<%]\s*{_named_for(word)}\s+(?:\w{{1,30}}=)?"
            rf"(?:{_QUOTED}|(?P<bare>{_NAME}))") for word in _TAKING_IN),
        # Handlebars
        ((">", "{{>"), "snippet", rf"^[ \t]*\{{\{{>[ \t]*(?P<bare>{_NAME})[ \t]*\}}\}}"),
        # markdown-include; Marked and MultiMarkdown
        (("{!",), "snippet", r"^[ \t>]*\{![ \t]*(?P<bare>[^\s!{}]{1,300})[ \t]*!\}"),
        ((".md}}",), "snippet", r"^\{\{(?P<bare>[\w./-]{1,300}\.md)\}\}[ \t]*$"),
        (("<<[",), "snippet", r"^<<\[(?P<bare>[^\s\[\]]{1,300})\][ \t]*$"),
        # Parts of a page in MDX
        (("import", ".md"), "snippet",
            r"^import\s+\w+\s+from\s+[\"'](?P<bare>[^\"'\n]{1,300}\.mdx?)[\"']"),
)  # fmt: skip
_WAYS = [(signs, syntax, re.compile(pattern, re.MULTILINE)) for signs, syntax, pattern in _PATTERNS]
# Of the many shortcodes that a page may hold, few take in a file.
_ANY_WORD = f"(?:{'|'.join(_TAKING_IN)})"
_SHORTCODE = re.compile(rf"\{{\{{[<%]\s*{_named_for(_ANY_WORD)}\s")
_CHILD = re.compile(r"\bchild\s*=\s*[\"'](?P<bare>[^\"'\n]{1,300})[\"']")
# Lines or a section of the file.
_PART = re.compile(r"(?<=\w):[\w:,-]*$|(?<=\w)[{\[#][^/]*$")
# What begins an inclusion in braces.
_BRACES = re.compile(r"\{(?:[{%!]|include\})")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


def includes_in(body: str, first_line: int) -> Iterator[Link]:
    """Find the files that a page takes in.

    Args:
        body: Markdown without front matter.
        first_line: Line of the file on which it begins.

    Yields:
        Inclusions, in the order of their lines.
    """
    if not _may_take_in(body):
        return
    has_shortcode = "{{" in body and _SHORTCODE.search(body) is not None
    ways = [
        way
        for way in _WAYS
        if all(map(body.__contains__, way[0])) and (has_shortcode or way[0][0][:2] != "{{")
    ]
    if not ways and not ("child" in body and _CHILD.search(body)):
        return
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    text, children = _without_code(body)
    lines = LineCounter(text, first_line)
    found = {(position, name): syntax for position, name, syntax in children}
    for _, syntax, way in ways:
        for place in way.finditer(text):
            for name in _names_in(place):
                found.setdefault((place.start(), name), syntax)
    for position, name in sorted(found):
        yield Link(name, "", lines.line_at(position), found[position, name])


def _may_take_in(body: str) -> bool:
    """Tell by the fewest searches whether a page may hold what any of the patterns needs."""
    if _BRACES.search(body) and ("include" in body or "{!" in body or ".md}}" in body):
        return True
    if "{{" in body and ("{{>" in body or any(word in body for word in _TAKING_IN)):
        return True
    if "<" in body and ("8<-" in body or "<<[" in body or "@include:" in body):
        return True
    if "!" in body and any(sign in body for sign in ("[!include", "[!INCLUDE", "!!!include")):
        return True
    return ("import" in body and ".md" in body) or ("child" in body and "=" in body)


def _names_in(found: re.Match[str]) -> Iterator[str]:
    groups = found.groupdict()
    block = groups.pop("block", None)
    names = block.split("\n") if block else [name for name in groups.values() if name]
    for name in names:
        name = name.strip()
        if name and not name.startswith((";", "http:", "https:")) and not _SCHEME.match(name):
            yield _PART.sub("", name)


def _without_code(body: str) -> tuple[str, list[tuple[int, str, LinkSyntax]]]:
    """Return a text of as many lines with code blanked out, and what cells of code take in."""
    parts: list[str] = []
    children: list[tuple[int, str, LinkSyntax]] = []
    position = size = 0
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(body):
        if opened is None:
            opened = fence
            child = _CHILD.search(fence["info"])
            if child is not None:
                children.append((size + fence.start() - position, child["bare"], "include"))
        elif fence["marks"].startswith(opened["marks"]) and not fence["info"].strip():
            parts += body[position : opened.start()], _blank(body[opened.start() : fence.end()])
            size += len(parts[-2]) + len(parts[-1])
            position, opened = fence.end(), None
    if opened is not None:
        parts += body[position : opened.start()], _blank(body[opened.start() :])
    else:
        parts.append(body[position:])
    return "".join(parts), children


def _blank(code: str) -> str:
    return "\n" * code.count("\n")
