"""``--format csv``: a row a quote, for spreadsheets.

The rows follow RFC 4180. A spreadsheet takes a cell that begins with ``=`` and the like for a
formula and would run it, so such a cell gets an apostrophe in front; ``--json`` has the quote byte
for byte.

Source:
    OWASP, "CSV Injection".
"""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output, print_utf8, visible_text

if TYPE_CHECKING:
    from docsearch_cli.search.result import CheckedResult

_COLUMNS = (
    "n",
    "path",
    "line_start",
    "line_end",
    "heading",
    "quote",
    "score",
    "state",
    "found",
    "absolute_path",
)
# What a formula may begin with; a tab and a carriage return are cut off by some programs first.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(output: Output, checked: CheckedResult) -> None:  # noqa: ARG001 - a row's signature
    """Print a header, then a row for each quote, best first.

    Args:
        output: Where to.
        checked: The result; ``found`` says in each row whether its quotes are an answer.
    """
    import csv

    from docsearch_cli.index.document_files import DocumentFiles

    findings = checked.result.findings
    files = DocumentFiles(checked.roots)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for item, state in zip(findings.evidence, checked.freshness.quotes, strict=True):
        writer.writerow(
            (
                item.n,
                safe_cell(item.path),
                item.line_start,
                item.line_end,
                safe_cell(item.heading),
                safe_cell(item.quote),
                item.score,
                state,
                str(findings.found).lower(),
                safe_cell(files.to_dict(item.path)["absolute_path"] or ""),
            )
        )
    print_utf8(text.getvalue())


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula and no terminal obeys.

    Args:
        text: Any text.

    Returns:
        The same, its control characters made visible but for line breaks and tabs; after an
        apostrophe if it begins, white space aside, as a formula does.
    """
    # A wide form counts too: programs for Japanese and Chinese take it for the narrow one.
    start = unicodedata.normalize("NFKC", text.lstrip(" \n")[:1])
    plain = visible_text(text.replace("\r\n", "\n"), keep="\n\t")
    return f"'{plain}" if start in _FORMULA_STARTS else plain
