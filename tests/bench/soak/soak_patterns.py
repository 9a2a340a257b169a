"""Files of one pattern repeated, until the time is over: no reader takes long for a megabyte.

    python -m tests.bench.soak.soak_patterns [--minutes M] [--seed S] [--format NAME]

What makes a reader slow is nearly always a short pattern repeated, after something that opens and
before something that closes it. Each round draws a format, one to four pieces of its markup (and of
white space) to repeat, sometimes what stands before and behind them, and reads the file as an index
and a question do. A file that takes more than ``MOST_S_PER_MB`` of processor time a megabyte is
read once more in half the size. The slowest of each format are shown; a fault is what takes too
long, with the seed that makes it again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import tomllib
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path

from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.formats.table import TABLE
from docsearch_cli.corpus.plain_text import sentences
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.forked_child import Watch
from docsearch_cli.forked_pool import Died, ForkedPool
from docsearch_cli.graph.entities import names_in
from docsearch_cli.graph.titles import NameFinder, name_table, names_of
from docsearch_cli.index.document_languages import FIND_EACH
from docsearch_cli.index.extract import extract_document
from docsearch_cli.models import Document
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from tests.bench.harness import note, scratch

FILE_BYTES = 50_000
# Plain Markdown takes about one; a tag or a link for each few characters is ten times the work.
MOST_S_PER_MB = 20.0
SHOWN = 3
PIECES = tomllib.loads(Path(__file__).with_name("pieces.toml").read_text("utf-8"))
# Formats with markup of others.
MARKUP = {name: (name,) for name in ("rst", "asciidoc", "org", "html")}
MARKUP |= {"markdown": ("markdown", "html"), "text": ("rst", "markdown")}
MARKUP["notebook"] = ("notebook", "markdown", "html")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a file is made of."""

    suffix: str
    before: str
    part: str
    after: str
    is_in_cell: bool
    """Whether it is the text of a notebook's cell."""

    def make(self, size: int) -> bytes:
        """Return the file's bytes, about so many."""
        times = max(1, size // len(self.part.encode()))
        text = f"{self.before}{self.part * times}{self.after}"
        if self.is_in_cell:
            cell = {"cell_type": "markdown", "source": text[: 2 * size].splitlines(keepends=True)}
            text = json.dumps({"cells": [cell], "nbformat": 4})
        return text.encode()

    def __str__(self) -> str:
        return f"{self.suffix} {self.before!r} + {self.part!r} * n + {self.after!r}"


def draw_pattern(draw: random.Random, name: str) -> Pattern:
    """Draw a pattern for a format."""
    pieces = [piece for part in MARKUP[name] for piece in PIECES[part]]
    others = [PIECES[part] for part in ("spaces", "words", "any", "front")]

    def piece() -> str:
        return str(draw.choice(draw.choices((pieces, *others), (10, 4, 3, 3, 1))[0]))

    def repeated() -> str:
        return piece() * draw.choice((1, 1, 1, 1, 2, 30, 2_000))

    before = "".join(piece() for _ in range(draw.choice((0, 0, 1, 1, 2))))
    if draw.random() < 0.1:
        before = draw.choice(("---\n", "+++\n", "---\na: ")) + before
    after = "".join(piece() for _ in range(draw.choice((0, 0, 1, 1, 2))))
    part = "".join(repeated() for _ in range(draw.choice((1, 1, 2, 2, 3, 4)))) or " "
    is_in_cell = name == "notebook" and draw.random() < 0.8
    return Pattern(draw.choice(TABLE.by_name[name].suffixes), before, part, after, is_in_cell)


def seconds_to_read(path: Path) -> float:
    """Read a file as an index and a question do, and return the processor time."""
    (found,) = (entry for entry in walk([path]) if isinstance(entry, FoundFile))
    started = time.process_time()
    outcome = read(found)
    if isinstance(outcome, Document):
        finder = NameFinder(name_table([names_of(outcome.title, outcome.aliases)]))
        taken = extract_document(outcome, FIND_EACH, DEFAULT_LANGUAGE)
        for section, plain in zip(outcome.sections, taken.plain, strict=True):
            finder.names_in(plain)
            list(names_in(plain))
            sentences(section.text, outcome.markup)
    return time.process_time() - started


def main() -> int:
    """Draw and read until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--format", choices=sorted(MARKUP), help="this one only")
    parser.add_argument("--bytes", type=int, default=FILE_BYTES)
    options = parser.parse_args()
    names = [options.format] if options.format else sorted(MARKUP)
    until = time.monotonic() + 60 * options.minutes
    size = options.bytes
    slowest: dict[str, list[tuple[float, str]]] = {name: [] for name in names}
    counts: Counter[str] = Counter()
    faults: list[str] = []
    with scratch() as folder:

        def work(seed: int, watch: Watch) -> tuple[str, float, str]:
            draw = random.Random(seed)
            name = draw.choice(names)
            pattern = draw_pattern(draw, name)
            path = folder / f"{seed}{pattern.suffix}"
            path.write_bytes(pattern.make(size)[: 4 * size])
            watch.begin(0, max(2.0, 1.5 * MOST_S_PER_MB * size / 1_000_000))
            seconds = seconds_to_read(path)
            watch.end()
            path.unlink()
            return name, seconds / (path_bytes(pattern, size) / 1_000_000), str(pattern)

        seed = options.seed
        with ForkedPool(work, 1, most_bytes=2 * 1024**3) as pool:
            while time.monotonic() < until:
                ((_, outcome),) = pool.run(deque([seed]))
                draw = random.Random(seed)
                name = draw.choice(names)
                pattern = str(draw_pattern(draw, name))
                if isinstance(outcome, Died):
                    what = "too slow" if outcome.is_too_slow else "died"
                    faults.append(f"seed {seed}: {what}: {pattern}")
                    note(faults[-1])
                else:
                    _, rate, _ = outcome
                    slowest[name] = sorted([*slowest[name], (rate, pattern)], reverse=True)[:SHOWN]
                    if rate > MOST_S_PER_MB:
                        faults.append(f"seed {seed}: {rate:.0f} s/MB: {pattern}")
                        note(faults[-1])
                counts[name] += 1
                seed += 1
    for name, found in slowest.items():
        for rate, pattern in found:
            note(f"{name} ({counts[name]:,} files): {rate:.1f} s/MB: {pattern:.150}")
    note(f"{counts.total():,} files from seed {options.seed}")
    return 1 if faults else 0


def path_bytes(pattern: Pattern, size: int) -> int:
    """Return how many bytes a pattern's file of about a size has."""
    return min(4 * size, len(pattern.make(size)))


if __name__ == "__main__":
    sys.exit(main())
