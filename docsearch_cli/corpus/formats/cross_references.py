"""References of Markdown dialects to a place by its id, whatever page it is on, and those ids.

Quarto and bookdown refer to ``@sec-intro`` and ``\\@ref(fig:plan)``, Logseq to the block
``((64e6...))``, docfx to ``@Some.Uid``; MyST names directives by an option and blocks by
attributes. A reference whose id stands nowhere is text, but that to a block is broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docsearch_cli.corpus.encoding import LineCounter
from docsearch_cli.models import Link

_KINDS = (
    "sec|fig|tbl|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|nte|tip|wrn|imp|cau|apx|app"
)
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_IDS = re.compile(
    rf"\{{#((?:{_KINDS})-[\w.:-]{{1,200}})"  # Quarto
    r"|^[ \t]*#\|[ \t]*label:[ \t]*[\"']?([\w.:-]{1,200})"
    r"|^[ \t]*:(?:name|label):[ \t]+(\S[^\r\n]{0,200}?)[ \t]*$"  # MyST
    r"|^[ \t]*\{#([\w.:-]{1,200})[^{}\r\n]{0,300}\}[ \t]*$"
    r"|[])]\{#([\w.:-]{1,200})[ }]"
    rf"|^[ \t]*(?:[-*][ \t]+)?id::[ \t]+({_UUID})[ \t]*$",  # Logseq
    re.MULTILINE,
)
_ID_SIGNS = ("{#", ":name:", "label:", "id:: ")
_REFERENCE = re.compile(
    rf"(?<![\w@\\])-?@((?:{_KINDS})-[\w.:-]{{0,200}}\w)"
    r"|\\@ref\(([^()\s]{1,200})\)"
    rf"|\(\(({_UUID})\)\)"
)
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
# The pattern above is too slow for a block of many unmatched backticks.
_MOST_BACKTICKS = 1000


def ids_in(body: str) -> Iterator[tuple[int, str]]:
    """Yield the ids that references may name, each with its offset in a page's text."""
    if any(sign in body for sign in _ID_SIGNS):
        for found in _IDS.finditer(body):
            name = next(filter(None, found.groups()))
            yield found.start(), block_label(name) if found[6] else name


def block_label(uuid: str) -> str:
    """Return the label of a block of Logseq."""
    return f"(({uuid}))"


def references_in(content: str, lines: LineCounter) -> Iterator[Link]:
    """Find the references in the text of a block.

    Args:
        content: The block's text.
        lines: Counts its lines.

    Yields:
        Links in order; none of what stands in code.
    """
    if "@" not in content and "((" not in content:
        return
    if "`" in content:
        if content.count("`") > _MOST_BACKTICKS:
            return
        content = _CODE.sub(lambda found: " " * len(found[0]), content)
    for found in _REFERENCE.finditer(content):
        line = lines.line_at(found.start())
        if found[3]:
            yield Link(block_label(found[3]), "", line, "ref")
        else:
            yield Link(found[1] or found[2], "", line, "any")
