"""How the report of ``docsearch graph links`` is printed, and when it fails a check."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli.output import Output, print_utf8, visible_text
from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from rich.text import Text

    from docsearch_cli.cli.shell_paths import ShellPaths
    from docsearch_cli.index.document_files import DocumentFiles
    from docsearch_cli.index.link_check import Finding

FAULTS = ("broken", "ambiguous", "outside", "unknown", "orphans")
"""What a check may fail on."""
FORMATS = ("text", "github")
_SHOWN = 20


def kinds_to_fail_on(words: str) -> tuple[str, ...]:
    """Return the kinds of faults that ``--fail-on`` names.

    Args:
        words: Their names, with commas.

    Returns:
        The kinds.

    Raises:
        UsageError: If one is none of them.
    """
    kinds = tuple(filter(None, (word.strip() for word in words.split(","))))
    for kind in kinds:
        if kind not in FAULTS:
            raise UsageError(
                f"--fail-on {brief(kind)} is not one of {', '.join(FAULTS)}",
                hint="docsearch graph links --fail-on broken,ambiguous",
            )
    return kinds


def show_report(
    output: Output, report: dict[str, Any], limit: int | None, paths: ShellPaths
) -> None:
    """Print a report for a person.

    Args:
        output: Where to.
        report: See ``check_links``.
        limit: Most lines of each kind.
        paths: What documents are called here.
    """
    from rich.text import Text

    from docsearch_cli.index.link_check import findings_of

    most = _SHOWN if limit is None else limit
    numbers = {kind: len(report[kind]) for kind in (*FAULTS, "excused")}
    parts = [f"{report['resolved']:,} links resolved, {report['external']:,} external, "
        f"{numbers['broken']:,} broken, {numbers['ambiguous']:,} ambiguous"]  # fmt: skip
    parts += [f"{numbers['outside']:,} lead out of the folder"] if numbers["outside"] else []
    parts += [f"{numbers['unknown']:,} unknown"] if numbers["unknown"] else []
    parts += [f"{numbers['excused']:,} allowed"] if numbers["excused"] else []
    output.show(f"{', '.join(parts)}; {numbers['orphans']:,} orphans")
    found = {kind: findings_of(report[kind]) for kind in FAULTS[:-1]}
    for kind, findings in found.items():
        for finding in findings[:most]:
            output.show(Text(f"   {kind:<9}  ") + _line(kind, finding, paths))
    for node in report["orphans"][:most]:
        output.show(Text("   orphan     ").append(paths.node(node), style=paths.style(node)))
    if max(numbers["orphans"], *map(len, found.values())) > most:
        output.note(f"at most {most} of each are shown; --limit N or --json shows more")


def _line(kind: str, finding: Finding, paths: ShellPaths) -> Text:
    from rich.text import Text

    path, line = finding.link["source_path"], finding.link["line"]
    place = Text().append(f"{paths.name(path)}:{line}", style=paths.style(path, line))
    return place.append(f"  -> {_words(kind, finding, paths.name)}")


def _words(kind: str, finding: Finding, name: Callable[[str], str] = str) -> str:
    link = finding.link
    pages = f"; also on {finding.pages - 1:,} other pages" if finding.pages > 1 else ""
    if kind == "ambiguous":
        others = ", ".join(name(path) for path in link["candidates"] if path != link["chosen"])
        return f"{link['target']}  took {name(link['chosen'])}, not {others}{pages}"
    return f"{link['target']}  ({link['reason']}{pages})"


def print_annotations(
    report: dict[str, Any],
    kinds: Sequence[str],
    files: DocumentFiles,
    limit: int | None,
) -> None:
    """Print a report as GitHub's annotations, one a line and finding: what fails is an error.

    Args:
        report: See ``check_links``.
        kinds: What the check fails on.
        files: Where each document is.
        limit: Most lines of each kind; None for all.
    """
    from docsearch_cli.index.link_check import findings_of

    for kind in FAULTS[:-1]:
        if kind == "unknown" and kind not in kinds:
            continue
        level = "error" if kind in kinds else "warning"
        for finding in findings_of(report[kind])[:limit]:
            link = finding.link
            file = _escaped(_file_of(link["source_path"], files), is_property=True)
            title = _escaped(f"{kind} link", is_property=True)
            words = _escaped(_words(kind, finding))
            print_utf8(f"::{level} file={file},line={link['line']},title={title}::{words}\n")
    if "orphans" in kinds:
        for node in report["orphans"][:limit]:
            path = node.partition("#")[0]
            file = _escaped(_file_of(path, files), is_property=True)
            print_utf8(f"::error file={file},title=orphan::no page leads to {_escaped(node)}\n")


def _file_of(path: str, files: DocumentFiles) -> str:
    """Return a document's path as GitHub knows it: from the folder of the checkout."""
    place = files.find(path)
    file = place.file if place is not None else path
    checkout = os.environ.get("GITHUB_WORKSPACE") or str(Path.cwd())
    return os.path.relpath(file, checkout)


def _escaped(text: str, *, is_property: bool = False) -> str:
    """Return a text that can neither end an annotation nor begin another."""
    text = visible_text(text, keep="\r\n").replace("%", "%25")
    text = text.replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if is_property else text


def failures(report: dict[str, Any], kinds: Sequence[str]) -> Iterator[str]:
    """Yield what a check fails on, with its number."""
    for kind in kinds:
        number = len(report[kind])
        if number:
            yield f"{number:,} {kind}"
