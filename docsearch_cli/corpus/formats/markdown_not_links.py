"""What looks like a link of Markdown and is none: footnotes, formulas and the like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,200}\]:[ \t]*")
_INDENT = 4
# ``[x](y)`` and ``[x][]`` are links.
_CHECKBOX = re.compile(r"\[[ xX]\](?=\s)")
# Pandoc's rule tells formulas from prices: no space inside the signs, no digit after them.
_MATH = re.compile(
    r"(?<![\\$])\$\$(?:[^$\\]|\\.){1,5000}+\$\$"
    r"|(?<![\\$])\$(?![\s$])(?:[^$\\\n]|\\.|\n(?![ \t]*\n)){1,1000}+(?<!\s)\$(?![\d$])",
    re.DOTALL,
)
# What VuePress takes in of a program.
_CODE_IMPORT = re.compile(r"@\[code\b[^\[\]\n]{0,200}\]\([^()\n]{1,500}\)")
_LINK_SIGN = re.compile(r"\]\(|\]\[|\[\[")
# An address, not one side of an equation.
_ADDRESS = re.compile(r"\]\([^()\s]*[./#:][^()]*\)|\]:")


def footnote_rule(state: StateBlock, line: int, end_line: int, silent: bool) -> bool:
    """Read ``[^1]: text`` and the lines that belong to it as text; a rule of markdown-it."""
    start = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith("[^", start):
        return False
    found = _FOOTNOTE.match(state.src, start, state.eMarks[line])
    if found is None or state.is_code_block(line):
        return False
    if silent:
        return True
    saved = state.bMarks[line], state.tShift[line], state.sCount[line], state.parentType
    state.bMarks[line], state.tShift[line] = found.end(), 0
    state.sCount[line] = state.blkIndent + _INDENT
    state.blkIndent += _INDENT
    state.parentType = "footnote"
    state.md.block.tokenize(state, line, end_line)
    state.blkIndent -= _INDENT
    state.bMarks[line], state.tShift[line], state.sCount[line], state.parentType = saved
    return True


def definition_key(label: str) -> str:
    """Return how markdown-it keeps the definition of a label."""
    return " ".join(label.split()).lower().upper()


def blank_checkbox(content: str) -> str:
    """Blank out the checkbox at the beginning of an item's text; the length stays."""
    return "   " + content[3:] if _CHECKBOX.match(content) else content


def blank_math(content: str) -> str:
    """Blank out the formulas that hold what looks like a link; the length stays."""
    if "$" not in content:
        return content
    return _MATH.sub(_blank, content)


def blank_code_imports(content: str) -> str:
    """Blank out what takes a program into a page; the length stays."""
    if "@[code" not in content:
        return content
    return _CODE_IMPORT.sub(lambda found: " " * len(found[0]), content)


def _blank(found: re.Match[str]) -> str:
    formula = found[0]
    if not _LINK_SIGN.search(formula) or _ADDRESS.search(formula):
        return formula
    return re.sub(r"[^\n]", " ", formula)
