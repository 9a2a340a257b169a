"""``--format files``: the ranked documents, a path a line, for ``xargs`` and the like.

A program that is started in the current folder opens them. A control character in a name, a line
break among them, is shown as its picture, so that a line is always one path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output, print_utf8, visible_text
from docsearch_cli.cli.shell_paths import ShellPaths

if TYPE_CHECKING:
    from docsearch_cli.search.result import CheckedResult


def write_paths(output: Output, checked: CheckedResult) -> None:  # noqa: ARG001 - a row's signature
    """Print the path of each document, best first.

    Args:
        output: Where to.
        checked: The result.
    """
    paths = ShellPaths(checked.roots)
    documents = checked.result.findings.documents
    print_utf8("".join(f"{visible_text(paths.file(item.path))}\n" for item in documents))
