"""Which format a text is in whose suffix does not say: ``.txt``, none, or one that formats share.

Reading text as something else changes its words, so each rule asks for two signs that seldom stand
in other text: a page's title, and markup that belongs to this format alone.
"""

from __future__ import annotations

import re

# Signs stand early, and a file may be large.
_MOST_CHARS = 64 * 1024
ARMOUR = re.compile(r"\s*-----BEGIN (?!PGP SIGNED MESSAGE)[A-Z0-9 ]{1,60}-----[ \t]*[\r\n]")
"""What a signature, key or certificate in text begins with. ``.asc`` is their suffix too."""
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?"
    r"<(?:!doctype\s+html\b|html(?:\s[^<>]{0,500})?>)",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN_TITLE = re.compile(r"\s*(?:#[ \t]+\S|[^\s#][^\r\n]{0,200}(?:\r\n|\n)={3,}[ \t]*[\r\n])")
_MARKDOWN_HEADING = re.compile(r"(?:\r?\n[ \t]*){2}#{2,6}[ \t]+\S")
_MARKDOWN_MARK = re.compile(
    r"\[[^\[\]\r\n]{1,200}\]\([^()\s]{1,500}\)|^```[\w+-]{0,20}[ \t]*$|\*\*\w[^*\r\n]{0,200}\*\*",
    re.MULTILINE,
)
_ASCIIDOC_TITLE = re.compile(
    r"\s*(?:\[\[[^\[\]\s]{1,200}\]\]\s+)?={1,2}[ \t]+\S[^\r\n]{0,200}[^=\s]\s"
)
_ASCIIDOC_MARK = re.compile(
    r"^(?:={2,6}[ \t]+\S[^\r\n]{0,200}[^=\r\n]|:[a-z][\w-]{1,40}:(?:[ \t][^\r\n]*)?"
    r"|\[(?:source|\[)[^\r\n]{0,100}\]|(?:----|====)[ \t]*)$",
    re.MULTILINE,
)
_ORG_TITLE = re.compile(
    r"\s*(?:#[ \t][^\r\n]*+\s++|:[\w-]++:[^\r\n]*+\s++){0,20}#\+title:", re.IGNORECASE
)
_ORG_MARK = re.compile(
    r"^(?:\*+[ \t]+\S|[ \t]*#\+begin_|:PROPERTIES:)", re.MULTILINE | re.IGNORECASE
)


def looks_like_html(text: str) -> bool:
    """Tell whether a text begins as an HTML page does."""
    return _HTML.match(text, 0, _MOST_CHARS) is not None


def looks_like_markdown(text: str) -> bool:
    """Tell whether a text is Markdown: a title, a heading below it, and a link or the like."""
    if not _MARKDOWN_TITLE.match(text):
        return False
    start = text[:_MOST_CHARS]
    return bool(_MARKDOWN_HEADING.search(start) and _MARKDOWN_MARK.search(start))


def looks_like_asciidoc(text: str) -> bool:
    """Tell whether a text is AsciiDoc: a title, and a heading, an attribute or a listing below."""
    title = _ASCIIDOC_TITLE.match(text)
    return title is not None and bool(_ASCIIDOC_MARK.search(text, title.end(), _MOST_CHARS))


def looks_like_org(text: str) -> bool:
    """Tell whether a text is Org: ``#+TITLE:``, and headings or blocks."""
    start = text[:_MOST_CHARS]
    return bool(_ORG_TITLE.match(start) and _ORG_MARK.search(start))
