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
# Each alternative begins with a literal, so that the text between matches is skipped in C; what
# must stand before it on its line is looked at afterwards.
_IDS = re.compile(
    rf"(?<!\{{)\{{#(?:(?P<kind>(?:{_KINDS})-[\w.:-]{{1,200}})"  # Quarto
    r"|(?P<id>[\w.:-]{1,200})(?=[ }])(?P<rest>[^{}\r\n]{0,300}\}[ \t]*$)?)"  # MyST
    r"|\#\|[ \t]*label:[ \t]*[\"']?(?P<cell>[\w.:-]{1,200})"
    r"|:(?:name|label):[ \t]+(?P<option>\S[^\r\n]{0,200}?)[ \t]*$"
    rf"|id::[ \t]+(?P<block>{_UUID})[ \t]*$",  # Logseq
    re.MULTILINE,
)
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
    has_names = ":" in body and (":name:" in body or "label:" in body or "id:: " in body)
    if not has_names and "{#" not in body:
        return
    for found in _IDS.finditer(body):
        start = found.start()
        if found["kind"]:
            yield start, found["kind"]
            continue
        before = body[body.rfind("\n", 0, start) + 1 : start]
        if found["id"]:  # of a block, on a line of its own; of an image or a span, right behind it
            is_block = found["rest"] is not None and not before.strip()
            if is_block or before.endswith((")", "]")):
                yield start, found["id"]
        elif found["block"]:
            if before.strip() in ("", "-", "*"):
                yield start, block_label(found["block"])
        elif not before.strip():
            yield start, found["cell"] or found["option"]


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
