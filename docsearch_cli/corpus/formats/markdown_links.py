"""Links inside Markdown blocks, with the line each one stands on.

markdown-it parses blocks first. Only text that can hold a link is parsed a second time for its
inline marks, since that costs more than everything else together. Its tokens carry no position, so
the rules that make links are wrapped to note where they began.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from docsearch_cli.corpus.encoding import LineCounter
from docsearch_cli.corpus.formats.cross_references import references_in
from docsearch_cli.corpus.formats.html_tags import Comment, scan_markup
from docsearch_cli.corpus.formats.markdown_not_links import (
    blank_code_imports,
    blank_math,
    definition_key,
    footnote_rule,
)
from docsearch_cli.corpus.formats.rst_links import role_link, tree_link
from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.naming import one_line
from docsearch_cli.models import Link, LinkSyntax

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    InlineRule = Callable[[StateInline, bool], bool]

_WIKI_LINK = re.compile(
    r"(!?)\[\[([^\[\]\n|](?:[^\[\]\n|]|\[[^\[\]\n|]*\])*?)\\?(?:\|([^\[\]\n]*))?\]\]"
)
# Emphasis is not parsed, so its marks remain; those inside words (snake_case) are characters.
_EMPHASIS_MARKS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)|~~")
# Escaped ones and those in code are characters, so they are hidden from the pattern above.
_HIDE_MARKS = {ord("*"): "\ue000", ord("_"): "\ue001", ord("~"): "\ue002"}
_SHOW_MARKS = {0xE000: "*", 0xE001: "_", 0xE002: "~"}
_LINK_SIGNS = re.compile(r"\]\(|\]\[|\[\[|<[aAhHmMfF]")
# A longer paragraph is a data dump, and the inline parser's worst cases begin to hurt.
_MOST_INLINE_CHARS = 20_000
# A code span, with the role of MyST that may stand before it; and a reference that is no link of
# Markdown's, which MkDocs may know as a title.
_CODE_SPAN = re.compile(
    r"(?:\{(?P<role>[\w:+-]{1,40})\})?(?<!`)(?P<fence>`+)(?!`)(?P<code>.+?)(?<!`)(?P=fence)(?!`)",
    re.DOTALL,
)
_TITLE_REFERENCE = re.compile(
    r"(?<![\w\]\\!)])\[([^\[\]\n]{1,300})\]\[(?=[^\[\]\n]{0,300}\])([^\[\]\n]*)\](?![\[(:])"
)
_LETTER = re.compile(r"[^\W\d_]")
# Footnotes and citations.
_NO_TITLES = ("^", "@")
# The pattern above is too slow for a longer block, which may have many unmatched backticks.
_MOST_SPANS = 500
_PLAIN_LINK = re.compile(r"\[([^\[\]\n]{0,1000})\]\(([^\s()<>]{1,2000})\)")

# The inline marks that need no parser: escapes, code between single backticks, links without
# brackets or references in their text. Tags, entities and anything else that is not accepted here
# is left to markdown-it, and then the whole text is.
_ESCAPE = r"\\[!-/:-@\[-`{-~]"
_CODE = r"`[^`]++`(?!`)"
_OTHER = r"!(?!\[)|\\(?![!-/:-@\[-`{-~\n])"
_NOT_SIMPLE = re.compile(r"<|&[#\w]+;")
_SIMPLE_LINK = re.compile(
    rf"(?:[^\\`!\[]++|{_ESCAPE}|{_CODE}|{_OTHER})*+"
    r"(?:(!?)\[(?:"
    rf"((?:[^\\`\[\]]++|{_ESCAPE}|{_CODE}|\\(?![!-/:-@\[-`{{-~\n]))*+)"
    rf"\]\(((?:[^\s()\\\x00-\x20\x7f]++|{_ESCAPE})*+)(?:(?<!\()[ \t]++\"[^\"\\]*+\")?+[ \t]*+\)"
    r"|\[([^\[\]\n|]+?)\\?(?:\|([^\[\]\n]*))?\]\](?!\())"
    r"|\Z)"
)
_SIMPLE_MARK = re.compile(r"\\([!-/:-@\[-`{-~])|`([^`]++)`")


@functools.cache
def parser() -> MarkdownIt:
    """Return the CommonMark parser with tables, set up to parse blocks only."""
    from markdown_it import MarkdownIt

    class Parser(MarkdownIt):
        """Keeps link destinations as they are written."""

        def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's name
            return url

        def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802
            return True

    markdown = Parser("commonmark").enable("table")
    markdown.block.ruler.before("reference", "footnote", footnote_rule)
    markdown.core.ruler.enableOnly(["normalize", "block"])
    markdown.inline.ruler.before("link", "wiki_link", _wiki_link_rule)
    from markdown_it import rules_inline

    for name, rule in (
        ("link", rules_inline.link),
        ("image", rules_inline.image),
        ("autolink", rules_inline.autolink),
        ("html_inline", rules_inline.html_inline),
        ("wiki_link", _wiki_link_rule),
    ):
        markdown.inline.ruler.at(name, _noting_position(rule))
    markdown.inline.ruler.disable(["emphasis", "strikethrough", "linkify"])
    markdown.inline.ruler2.enableOnly([])
    return markdown


def _noting_position(rule: InlineRule) -> InlineRule:
    def positioned(state: StateInline, silent: bool) -> bool:
        start, first = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            for token in state.tokens[first:]:
                token.meta.setdefault("position", start)
        return True

    return positioned


def _wiki_link_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "![":
        return False
    found = _WIKI_LINK.match(state.src, state.pos, state.posMax)
    if found is None or state.src.startswith("(", found.end()):  # [[1]](url) is a link
        return False
    if not silent:
        token = state.push("wiki_link", "", 0)
        token.content = (found[3] if found[3] is not None else found[2]).strip()
        token.attrs = {"href": found[2].strip(), "embed": found[1]}
    state.pos = found.end()
    return True


def _inline_tokens(content: str, env: dict[str, Any]) -> Sequence[Token]:
    tokens: list[Token] = []
    parser().inline.parse(content, parser(), env, tokens)
    return tokens


def plain_inline(content: str, env: dict[str, Any]) -> str:
    """Return what a person reads of a block's text, on one line."""
    return _plain_tokens(_inline_tokens(content, env))


def _plain_tokens(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image":
            parts.append(_plain_tokens(token.children or []))
        elif token.type in ("text_special", "code_inline"):
            parts.append(token.content.translate(_HIDE_MARKS))
        elif token.type not in ("html_inline", "link_open", "link_close"):
            parts.append(token.content)
    return one_line(_EMPHASIS_MARKS.sub("", "".join(parts)).translate(_SHOW_MARKS))


def links_in(content: str, env: dict[str, Any], first_line: int) -> Iterator[Link]:
    """Find the links in the text of a block.

    Args:
        content: The block's text.
        env: The parser's environment, with the reference definitions of the whole document.
        first_line: Line of the file on which the text begins.

    Yields:
        Roles, references to titles, then the others, each in the order in which they begin; images
        only when they show a document.
    """
    lines = LineCounter(content, first_line)
    content = blank_code_imports(blank_math(content))
    if len(content) > _MOST_INLINE_CHARS:
        for found in _PLAIN_LINK.finditer(content):
            yield Link(found[2], one_line(found[1]), lines.line_at(found.start()))
        return
    if "}`" in content:
        yield from _role_links(content, lines)
    if "@" in content or "((" in content:
        yield from references_in(content, lines)
    if "][" in content:
        yield from _title_links(content, env, lines)
    if _LINK_SIGNS.search(content) or ("[" in content and env.get("references")):
        targets = _simple_targets(content)
        if targets is None:
            targets = list(_targets(_inline_tokens(content, env)))
        for target, text, position, syntax in targets:
            if syntax == "wiki" and _is_in_comment(content, position):
                continue
            yield Link(target, text, lines.line_at(position), syntax)


def _simple_targets(content: str) -> list[tuple[str, str, int, LinkSyntax]] | None:
    """Find the links of a text without the parser; None if the parser is needed."""
    if _NOT_SIMPLE.search(content):
        return None
    targets: list[tuple[str, str, int, LinkSyntax]] = []
    position = 0
    while (found := _SIMPLE_LINK.match(content, position)) is not None:
        position = found.end()
        embed, text, target, note, label = found.groups()
        if embed is None:
            return targets
        if note is not None:
            shown = (label if label is not None else note).strip()
            targets.append((note.strip(), one_line(shown), found.start(1), "wiki"))
            continue
        if "\\" in target:
            target = _SIMPLE_MARK.sub(r"\1", target)
        if not embed or _is_page(target):
            targets.append((target, _plain_simple(text), found.start(1), "url"))
    return None


def _plain_simple(text: str) -> str:
    if "\\" in text or "`" in text:
        text = _SIMPLE_MARK.sub(_hidden, text)
    return one_line(_EMPHASIS_MARKS.sub("", text).translate(_SHOW_MARKS))


def _hidden(found: re.Match[str]) -> str:
    shown = found[1]
    if shown is None:
        shown = found[2].replace("\n", " ")
        if shown[0] == shown[-1] == " " and shown.strip(" "):
            shown = shown[1:-1]
    return shown.translate(_HIDE_MARKS)


def _role_links(content: str, lines: LineCounter) -> Iterator[Link]:
    """Yield the links of MyST's roles: ``{ref}`text <label>```."""
    if content.count("`") > _MOST_SPANS:
        return
    for found in _CODE_SPAN.finditer(content):
        if found["role"]:
            link = role_link(found["role"], found["code"], lines.line_at(found.start()))
            if link is not None:
                yield link


def _title_links(content: str, env: dict[str, Any], lines: LineCounter) -> Iterator[Link]:
    known = env.get("references") or {}
    if content.count("`") > _MOST_SPANS:
        return
    visible = _CODE_SPAN.sub(_hide_code, content) if "`" in content else content
    for found in _TITLE_REFERENCE.finditer(visible):
        text = content[found.start(1) : found.end(1)]
        label = content[found.start(2) : found.end(2)] or text
        title = label.strip("`").strip()
        is_name = _LETTER.search(title) and not label.startswith(_NO_TITLES)
        if is_name and known.keys().isdisjoint(map(definition_key, (label, title))):
            line = lines.line_at(found.start())
            yield Link(title, one_line(text.strip("`")), line, "title")


def _hide_code(found: re.Match[str]) -> str:
    return "." * len(found[0])


def links_in_fence(info: str, content: str, first_line: int) -> Iterator[Link]:
    """Find the links of a directive of MyST: a table of contents, an inclusion.

    Args:
        info: What follows the marks that open the fence.
        content: The code in it.
        first_line: Line of the file on which the fence opens.

    Yields:
        Links in order; none for ordinary code.
    """
    name, _, argument = info.strip().partition("}")
    if name == "{include" and argument.strip():
        yield Link(argument.strip(), "", first_line, "include")
    elif name == "{toctree":
        has_patterns = ":glob:" in content
        for number, entry in enumerate(content.split("\n"), start=first_line + 1):
            entry = entry.strip()
            if entry and not entry.startswith((":", "---", "#")):
                link = tree_link(entry, number, has_patterns=has_patterns)
                if link is not None:
                    yield link


def _is_in_comment(content: str, position: int) -> bool:
    """Tell whether a place is in an Obsidian comment: between two ``%%``."""
    return content.count("%%", 0, position) % 2 == 1 and "%%" in content[position:]


def _targets(tokens: Sequence[Token]) -> Iterator[tuple[str, str, int, LinkSyntax]]:
    opened: tuple[str, int, int] | None = None  # target, position, index of the first inner token
    for index, token in enumerate(tokens):
        position = token.meta.get("position", 0)
        if token.type == "link_open":
            opened = str(token.attrs["href"]), position, index + 1
        elif token.type == "html_inline" and token.content[:2] in ("<a", "<A"):
            href = _href_of(token.content)
            if href is not None:
                opened = href, position, index + 1
        elif token.type == "link_close" or token.content[:3] in ("</a", "</A"):
            if opened is not None:
                yield opened[0], _plain_tokens(tokens[opened[2] : index]), opened[1], "url"
            opened = None
        elif token.type == "wiki_link":
            yield str(token.attrs["href"]), one_line(token.content), position, "wiki"
        elif token.type == "image":
            target = str(token.attrs["src"])
            if _is_page(target):
                yield target, _plain_tokens(token.children or []), position, "url"


def _is_page(target: str) -> bool:
    """Tell whether an image of this target shows a page rather than a picture."""
    return split_suffix(target.partition("#")[0].partition("?")[0])[1] != ""


def _href_of(tag: str) -> str | None:
    for found in scan_markup(tag):
        if not isinstance(found, Comment) and found.name == "a":
            return found.attributes().get("href")
    return None


def links_in_html(content: str, first_line: int) -> Iterator[Link]:
    """Find the links in a piece of HTML.

    Args:
        content: The HTML.
        first_line: Line of the file on which it begins.

    Yields:
        Links in the order in which they begin.
    """
    if "<a" not in content and "<A" not in content:
        return
    lines = LineCounter(content, first_line)
    opened: tuple[str, int, int] | None = None
    for tag in scan_markup(content):
        if isinstance(tag, Comment) or tag.name != "a":
            continue
        if opened is not None:
            text = re.sub(r"<[^<>]*>", " ", content[opened[2] : tag.start])
            yield Link(opened[0], one_line(text), lines.line_at(opened[1]))
            opened = None
        href = None if tag.is_end else tag.attributes().get("href")
        if href is not None:
            opened = href, tag.start, tag.end
