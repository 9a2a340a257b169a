"""Whether the readers take everything that a folder holds, and say so truly.

python -m tests.bench.check_readers [FOLDER ...] [--sample N] [--broken N]

For each folder, by default those of the public sets: the ledger against the files that are there,
every section against the lines that it says it stands on, and what became of the links. A folder
that is not there is passed over.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docsearch_cli.corpus.encoding import decode, line_starts
from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.models import Document
from tests.bench.bench_index import files_below, ledger_faults
from tests.bench.harness import eval_is_here, note, show_table, unpacked
from tests.loading import Corpus, load_corpus
from tests.resolving import LinkReport, resolve_links

SETS = ("vespa-docs", "obsidian-help", "arxiv-pdf", "anthropic-docs", "aws-full")
# The sample is the same in each run.
SEED = 1
COLUMNS = ("folder", "files", "documents", "skipped", "sections", "edges", "broken", "ambiguous",
    "external", "local", "other", "s", "faults")  # fmt: skip


def section_faults(folder: Path, document: Document) -> list[str]:
    """Compare the sections and links of a document with its file.

    Args:
        folder: The root.
        document: What the reader made of the file.

    Returns:
        What is not so, in words.
    """
    if is_paged(document.markup):
        return []
    source, _ = decode((folder / document.path).read_bytes())
    starts = [*line_starts(source), len(source)]
    faults = []
    last = 0
    for section in document.sections:
        place = f"{document.path}:{section.line_start}-{section.line_end}"
        if not 1 <= section.line_start <= section.line_end < len(starts):
            faults.append(f"{place} is no span of its {len(starts) - 1} lines")
        elif section.text not in source[starts[section.line_start - 1] : starts[section.line_end]]:
            faults.append(f"{place} does not hold the section's text")
        if section.line_start < last:
            faults.append(f"{place} begins before the section in front of it")
        last = section.line_start
    faults += [
        f"{document.path}:{link.line} is no line for a link"
        for link in document.links
        if not 1 <= link.line < len(starts)
    ]
    return faults


def check(folder: Path, *, sample: int, broken: int) -> tuple[dict[str, Any], list[str]]:
    """Read a folder, compare, and print what was asked for.

    Args:
        folder: The root.
        sample: Documents to print, chosen at random.
        broken: Broken links to print.

    Returns:
        The figures and what is not so.
    """
    note(f"reading {folder}")
    began = time.perf_counter()
    corpus = load_corpus([folder])
    skipped = [row for row in corpus.ledger if row.status == "skipped"]
    report = resolve_links(
        corpus.documents,
        other_files=frozenset(row.path for row in skipped),
        roots={corpus.roots[0]: str(folder.resolve())},
    )
    seconds = time.perf_counter() - began
    faults = ledger_faults(folder, [asdict(row) for row in corpus.ledger])
    for document in corpus.documents:
        faults += section_faults(folder, document)
    outcomes = _outcomes(report)
    faults += _uncounted(corpus, sum(outcomes.values()) - _anchors(report))
    figures = {
        "folder": folder.parent.name if folder.name == "docs" else folder.name,
        "files": len(files_below(folder)),
        "documents": len(corpus.documents),
        "skipped": dict(Counter(row.reason for row in skipped)),
        "sections": sum(len(document.sections) for document in corpus.documents),
        **outcomes,
        "ambiguous": len(report.ambiguous),
        "s": round(seconds, 1),
        "faults": len(faults),
    }
    _print_sample(corpus, report, sample, broken)
    return figures, faults


def _uncounted(corpus: Corpus, counted: int) -> list[str]:
    syntaxes = Counter(link.syntax for document in corpus.documents for link in document.links)
    maybe = syntaxes["any"] + syntaxes["title"]  # links only if there is something of that name
    sure = syntaxes.total() - maybe
    if counted < sure or (counted > sure + maybe and not syntaxes["glob"]):
        return [f"{sure} links and perhaps {maybe} more, {counted} with an outcome"]
    return []


def _outcomes(report: LinkReport) -> dict[str, int]:
    return {
        "edges": len(report.edges),
        "broken": len(report.broken),
        "external": report.external,
        "local": report.local,
        "other": report.other,
    }


def _anchors(report: LinkReport) -> int:
    return sum(row.reason == "anchor" for row in report.broken)


def _print_sample(corpus: Corpus, report: LinkReport, sample: int, broken: int) -> None:
    chosen = random.Random(SEED)
    documents = chosen.sample(corpus.documents, min(sample, len(corpus.documents)))
    for document in sorted(documents, key=lambda document: document.path):
        print(f"\n== {document.path}  {document.markup}  {document.title!r}")
        for section in document.sections:
            print(f"   {section.line_start}-{section.line_end} {'#' * section.level} "
                f"{section.heading}  {' '.join(section.anchors)}")  # fmt: skip
        resolved = [edge for edge in report.edges if edge.source_path == document.path]
        for edge in resolved:
            print(f"   {edge.line} -> {edge.target_path} [{edge.target_section}] {edge.text!r}")
    rows = chosen.sample(report.broken, min(broken, len(report.broken)))
    for row in sorted(rows, key=lambda row: (row.reason, row.source_path, row.line)):
        print(f"   {row.reason:8} {row.source_path}:{row.line}  {row.target}")
    if broken:
        print(Counter(row.reason for row in report.broken))


def main() -> int:
    """Check, print; anything that is not so is exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="documents to print")
    parser.add_argument("--broken", type=int, default=0, help="broken links to print")
    options = parser.parse_args()
    folders = options.folders
    if not folders and eval_is_here():
        folders = [unpacked(name) / "docs" for name in SETS]
    rows = []
    faults: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            note(f"{folder} is not there")
            continue
        figures, found = check(folder, sample=options.sample, broken=options.broken)
        rows.append([_shown(figures[column]) for column in COLUMNS])
        faults += found
    show_table("Readers", COLUMNS, rows)
    for fault in faults[:50]:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count:,} {reason}" for reason, count in sorted(value.items()))
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    raise SystemExit(main())
