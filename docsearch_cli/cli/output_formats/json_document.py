"""``--format json``: the envelope that every command prints, as ``docs/json.md`` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output

if TYPE_CHECKING:
    from docsearch_cli.search.result import CheckedResult


def write_json(output: Output, checked: CheckedResult) -> None:
    """Print one JSON document.

    Args:
        output: Where to.
        checked: The result.
    """
    result = checked.result
    output.result(checked.to_dict(), partial=not result.complete, exit_code=result.exit_code)
