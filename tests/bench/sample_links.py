"""A random sample of the links that are called broken, and of the edges made of links, to judge.

python -m tests.bench.sample_links FOLDER [--broken N] [--edges N] [--seed N] [--index DIR]

Each with its line in the file and with what is there: for an address that leads nowhere the files
of that name, for a place that its page lacks the headings and anchors most like it, for an edge
the beginning of what it leads to. Whether a report or an edge is right is for a person to say.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docsearch_cli.graph.edge_kinds import code_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from tests.bench.bench_index import files_below
from tests.bench.harness import DOCSEARCH, run_process, scratch

# What can be an anchor: a heading, an id, a label.
_PLACE = re.compile(
    r"^\s{0,3}(?:#+|=+)\s.*|\bid=[\"'][^\"']+|\[\[[^\]]+\]\]|\{#[^}]+\}|^\.\. _[^:]+:"
)
_SHOWN = 200
_MOST_ALIKE = 5


def lines_of(folder: Path, path: str) -> list[str]:
    """Return the lines of a file as far as it is text; none if it is not there."""
    try:
        return (folder / path).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def excerpt(folder: Path, path: str, line: int, around: str) -> str:
    """Return a line of a file, of a long one the part around some text."""
    lines = lines_of(folder, path)
    text = lines[line - 1] if 0 < line <= len(lines) else "(no such line)"
    start = max(0, text.find(around) - _SHOWN // 2) if around else 0
    return text[start : start + _SHOWN].strip()


def what_there_is(folder: Path, row: dict[str, Any], files: set[str]) -> Iterator[str]:
    """Find what a broken link may have meant.

    Args:
        folder: The indexed folder.
        row: The report, as ``graph links --json`` has it.
        files: Every file of the folder.

    Yields:
        Files with the name in its address, and places like its fragment in them and in its page.
    """
    address, _, fragment = row["target"].partition("#")
    name = unquote(address.partition("?")[0]).strip("/<>").rpartition("/")[2].rpartition(":")[2]
    stem = name.partition(".")[0].lower()
    alike = [path for path in sorted(files) if stem and stem in path.lower().split("/")[-1]]
    inside = [path for path in sorted(files) if stem and f"/{stem}/" in f"/{path.lower()}"]
    for path in (*alike[:_MOST_ALIKE], *inside[:2]):
        yield f"file  {path}"
    if not fragment and row["reason"] != "label":
        return
    wanted = unquote(fragment or row["target"]).lower()
    for path in dict.fromkeys((*alike, row["source_path"]) if address else (row["source_path"],)):
        places = [found.group().strip() for text in lines_of(folder, path)
            for found in _PLACE.finditer(text)]  # fmt: skip
        by_text = {re.sub(r"\W+", "-", place.lower()).strip("-"): place for place in places}
        for close in difflib.get_close_matches(wanted, by_text, n=2, cutoff=0.5):
            yield f"place {path}: {by_text[close][:_SHOWN]}"


def show_broken(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Print reports with their lines and with what there is."""
    files = {path for path in files_below(folder) if not path.startswith(".git/")}
    for number, row in enumerate(rows, 1):
        print(f"\nB{number} {row['reason']} {row['source_path']}:{row['line']} -> {row['target']}")
        print(f"   | {excerpt(folder, row['source_path'], row['line'], row['target'])}")
        for text in what_there_is(folder, row, files):
            print(f"   {text}")


def show_edges(folder: Path, reader: IndexReader, chosen: random.Random, count: int) -> None:
    """Print edges made of links and inclusions with their lines and the beginning of their ends."""
    edges = reader.graph.edge_list()
    kinds = {code_of("link"): "link", code_of("include"): "include"}
    rows = [row for row, kind in enumerate(edges.kinds.tolist()) if kind in kinds]
    for number, row in enumerate(sorted(chosen.sample(rows, min(count, len(rows)))), 1):
        source = reader.paths[int(reader.node_documents[int(edges.sources[row])])]
        target = reader.node_id(int(edges.targets[row]))
        line, text = int(edges.lines[row]), edges.texts[row].decode()
        print(f"\nE{number} {kinds[int(edges.kinds[row])]} {source}:{line} -> {target}")
        print(f"   | {excerpt(folder, source, line, text)}")
        part = int(edges.targets[row])
        heading = reader.headings[int(reader.node_starts[part])]
        print(f"   = {reader.node_title(part)} > {heading}")


def main() -> int:
    """Index a folder, unless there is an index of it, and print the samples."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--broken", type=int, default=20, help="reports to print")
    parser.add_argument("--edges", type=int, default=30, help="edges to print")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", type=Path, help="an index of the folder")
    options = parser.parse_args()
    with scratch() as work:
        index = options.index or work / "index"
        if options.index is None:
            built = [DOCSEARCH, "index", str(options.folder), "--index", str(index), "--no-model"]
            run_process(built)
        shown = run_process([DOCSEARCH, "graph", "links", "--index", str(index), "--json"])
        report = json.loads(shown.stdout)["data"]
        broken = report["broken"]
        counts = {kind: report[kind] for kind in ("resolved", "external", "local", "other")}
        counts |= {"broken": len(broken), "ambiguous": len(report["ambiguous"])}
        print(options.folder.name, counts)
        chosen = random.Random(options.seed)
        rows = chosen.sample(broken, min(options.broken, len(broken)))
        show_broken(options.folder, sorted(rows, key=lambda r: (r["source_path"], r["line"])))
        show_edges(options.folder, open_index(index / ".docsearch"), chosen, options.edges)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
