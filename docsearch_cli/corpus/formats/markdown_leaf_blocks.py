"""The blocks of a Markdown document that can hold a heading, a link or a label.

A *leaf* is a block with text of its own: a paragraph, a heading, a table cell, a piece of HTML, a
directive of MyST in a fence. Most lines of a document are in leaves that hold nothing of the kind,
and they are passed over.
Of the others, the usual ones (fenced code, headings, paragraphs and flat lists at the left margin)
are read by patterns that accept only what cannot be anything else. What these do not accept is
parsed by markdown-it, block by block, so the outcome is that of parsing everything with it.

At the left margin after a blank line every list, quotation, table and paragraph has ended. So the
lines between two such places, a *stretch*, can be judged alone, unless fenced code or HTML that
continues over blank lines may begin in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from docsearch_cli.corpus.encoding import LineCounter
from docsearch_cli.corpus.formats.markdown_links import parser
from docsearch_cli.corpus.formats.markdown_not_links import blank_checkbox

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*+(?:[ \t]*\Z)?")
_STRETCH_END = re.compile(r"\n[ \t]*\n(?=[^ \t\n])")
# Without one of these a stretch has no link and no label, and nothing that continues after it. Each
# alternative begins with a literal, so the text between matches is skipped in C.
_OPENINGS = r"<(?=[!?]|(?i:script|pre|style|textarea))|```|~~~"
_REFERENCES = r"@(?=[a-z]{2,3}-\w|ref\()|\((?=\([0-9a-f]{8}-)"
_LINK_SIGNS = rf"\](?=[(\[])|\[(?=\[)|<(?=[aAhHmMfF])|\}}(?=`)|\)(?==)|{_REFERENCES}|{_OPENINGS}"
_GOES_ON = re.compile(_OPENINGS)
# A heading's marks, or an underline, after those of the lists and quotations it may be in.
_HEADING_SIGN = re.compile(r"\n[ \t>*+.)0-9-]*+(?:[#=]|(?<=[ \t-])(?=\n|\Z))")
# How a line begins that can only be a paragraph's: with no mark of a list, heading, quotation,
# table, fence, rule, underline, definition or piece of HTML.
_TEXT = r"[^\s0-9#>+*`~<|=_:\[-]|[0-9]++(?![.)](?:\s|\Z))|\*\*?(?=[^\s*])|_(?=[^\s_])|`{1,2}(?!`)"
# What ends a paragraph without a blank line.
_INTERRUPTION = r"#{1,6}(?:[ \t\n]|\Z)|>|```[^`\n]*+(?:\n|\Z)|~~~"
_ORDERED = r"[0-9]{1,9}[.)] {1,4}(?=\S)"
_BULLET = r"[-+*] {1,4}(?=\S)"
# With a "|" in it the line may be a table's.
_HEADING = re.compile(r"(#{1,6})(?:[ \t]([^\n|]*+))?(?:\n|\Z)")
_FENCE = re.compile(r"(`{3,}+(?![^`\n]*+`)|~{3,}+)([^\n|]*+)(?:\n|\Z)")
_FENCE_END = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*(?:\n|\Z)", re.MULTILINE)


class Leaf(NamedTuple):
    """A block with text of its own."""

    content: str
    """Its text, without the marks of the lists and quotations around it."""
    line: int
    """Index of its first line, from 0."""
    after: int
    """Index of the line after its last."""
    level: int = 0
    """Level of a heading; 0 for anything else."""
    is_nested: bool = False
    """Whether it is in a list or quotation."""
    is_html: bool = False
    directive: str = ""
    """What follows the marks of a fence if that begins with ``{``; the content is code then."""


class _Patterns:
    """The patterns that depend on whether ``[name]`` may be a link."""

    def __init__(self, *, has_definitions: bool) -> None:
        bracket = "" if has_definitions else r"|\["  # else the line may be a definition
        lines = rf"((?:(?:{_TEXT}{bracket})[^\n]*+(?:\n|\Z))++)"
        self.sign = re.compile(_LINK_SIGNS + (r"|\[" if has_definitions else ""))
        # Only an item numbered 1 ends a paragraph, but any ends another item.
        self.paragraph = re.compile(
            rf"{lines}(?=[ \t]*(?:\n|\Z)|{_BULLET}|1[.)] {{1,4}}(?=\S)|{_INTERRUPTION})"
        )
        self.item = re.compile(
            rf"(?:{_BULLET}|{_ORDERED}){lines}"
            rf"(?=(?:[ \t]*\n)++[^ \t\n]|[ \t\n]*\Z|{_BULLET}|{_ORDERED}|{_INTERRUPTION})"
        )


_PATTERNS = _Patterns(has_definitions=False)
_PATTERNS_WITH_DEFINITIONS = _Patterns(has_definitions=True)


def leaves_of(text: str, env: dict[str, Any]) -> list[Leaf]:
    """Find the leaves that can hold a heading, a link or a label.

    Args:
        text: Markdown without front matter.
        env: Gets the document's reference definitions, in markdown-it's form.

    Returns:
        Leaves in the order in which they stand.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Patterns that begin at a line end need one before the first line.
    return _Walk("\n" + text.replace("\x00", "\ufffd"), env).run()


class _Walk:
    """One pass over a document, from one block at the left margin to the next."""

    def __init__(self, text: str, env: dict[str, Any]) -> None:
        self._text = text
        self._env = env
        self._patterns = _PATTERNS_WITH_DEFINITIONS if "]:" in text else _PATTERNS
        # The end of the stretch and the next signs, as far as they have been searched for.
        self._stretch_end = -1
        self._link_sign = -1
        self._heading_sign = -1
        self._lines = LineCounter(text, -1)
        # The lines from the given one on, as markdown-it sees them.
        self._state: tuple[StateBlock, int] | None = None
        self._leaves: list[Leaf] = []

    def run(self) -> list[Leaf]:
        """Walk the document; see ``leaves_of``."""
        text, position = self._text, 1
        while (position := _blank_end(text, position)) < len(text):
            if self._holds_nothing(position):
                position = self._stretch_end
                continue
            first = text[position]
            if first == "#":
                end = self._read_heading(position)
            elif first in "`~" and (fence := _FENCE.match(text, position)):
                end = self._read_fence(fence)
            else:
                end = self._read_text(position)
            position = end if end > position else self._parse_block(position)
        return self._leaves

    def _holds_nothing(self, position: int) -> bool:
        """Tell whether there is no sign of a leaf up to the end of the stretch.

        The place of each sign is kept until it has been passed: a stretch may have very many
        blocks, and the next sign may be far away.
        """
        text = self._text
        if self._stretch_end <= position:
            found = _STRETCH_END.search(text, position)
            self._stretch_end = found.end() if found else len(text)
        if self._link_sign < position:
            found = self._patterns.sign.search(text, position)
            self._link_sign = found.start() if found else len(text)
        if self._heading_sign < position:
            found = _HEADING_SIGN.search(text, position - 1)
            self._heading_sign = found.start() + 1 if found else len(text)
        return min(self._link_sign, self._heading_sign) >= self._stretch_end

    def _read_heading(self, position: int) -> int:
        found = _HEADING.match(self._text, position)
        if found is None:
            return position
        content = (found[2] or "").rstrip(" \t")
        without_tail = content.rstrip("#")
        if not without_tail or without_tail[-1] in " \t":
            content = without_tail
        content = content.strip(" \t")
        if content != content.strip():
            return position  # markdown-it decides which white space counts
        line = self._lines.line_at(position)
        self._leaves.append(Leaf(content, line, line + 1, level=len(found[1])))
        return found.end()

    def _read_fence(self, opening: re.Match[str]) -> int:
        marks, info = opening.groups()
        end_of_code, end = len(self._text), len(self._text)
        for closing in _FENCE_END.finditer(self._text, opening.end()):
            if closing[1].startswith(marks):
                end_of_code, end = closing.span()
                break
        if info.startswith("{"):
            content = self._text[opening.end() : end_of_code]
            line = self._lines.line_at(opening.start())
            after = self._lines.line_at(end - 1) + 1
            self._leaves.append(Leaf(content, line, after, directive=info))
        return end

    def _read_text(self, position: int) -> int:
        text, patterns = self._text, self._patterns
        found = patterns.paragraph.match(text, position)
        is_item = found is None
        if found is None:
            found = patterns.item.match(text, position)
            if found is None:
                return position
        content = found[1].rstrip()
        line = self._lines.line_at(position)
        after = line + content.count("\n") + 1
        self._leaves.append(Leaf(content, line, after, is_nested=is_item))
        return found.end()

    def _parse_block(self, position: int) -> int:
        """Let markdown-it parse one block and return where the next may begin."""
        line = self._lines.line_at(position)
        state, first = self._state_for(position, line)
        state.line = line - first
        for rule in parser().block.ruler.getRules(""):
            if rule(state, state.line, state.lineMax, False):
                break
        self._leaves += _leaves_of_tokens(state.tokens, first)
        state.tokens.clear()
        return position + state.bMarks[state.line] - state.bMarks[line - first]

    def _state_for(self, position: int, line: int) -> tuple[StateBlock, int]:
        """Return markdown-it's view of the lines that the block may have, and the first of them.

        One view serves all blocks of its lines, so that the whole stays linear.
        """
        if self._state is not None:
            state, first = self._state
            if line - first < state.lineMax:
                return self._state
        from markdown_it.rules_block import StateBlock

        # What continues over blank lines may reach the end of the document.
        goes_on = _GOES_ON.search(self._text, position, self._stretch_end)
        end = len(self._text) if goes_on else self._stretch_end
        self._state = StateBlock(self._text[position:end], parser(), self._env, []), line
        return self._state


def _blank_end(text: str, position: int) -> int:
    found = _BLANK_LINES.match(text, position)
    assert found is not None  # the pattern matches anywhere
    return found.end()


def _leaves_of_tokens(tokens: Sequence[Token], first_line: int) -> Iterator[Leaf]:
    level, is_nested = 0, False
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            level, is_nested = int(token.tag[1]), token.level > 0
        elif token.map is not None and token.type in ("inline", "html_block", "fence"):
            line, after = first_line + token.map[0], first_line + token.map[1]
            if token.type != "fence":
                is_html = token.type == "html_block"
                begins_item = place > 1 and tokens[place - 2].type == "list_item_open"
                content = blank_checkbox(token.content) if begins_item else token.content
                yield Leaf(content, line, after, level, is_nested, is_html)
            elif token.info.startswith("{"):
                yield Leaf(token.content, line, after, directive=token.info)
            level = 0
