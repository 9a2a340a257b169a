"""What an agent saves that uses docsearch: calls and tokens until it has seen the answer.

python -m tests.bench.bench_saves [--sets NAME,NAME] [--limit N] [--indexes FOLDER]

Scripted readers (``scripted_readers.py``), no model. Each stops when it is told that it has seen
enough, after 20 calls, or where it has no lead left:

    grep   greps for the question's words, the rarest first, and reads whole files, best first:
           three greps, then five files and one more grep in turn
    lines  the same, and lines that grep prints count as text of their documents
    pages  ranks by keywords and reads the first five pages whole
    tools  asks, explores where a keyword search was not enough, then shows ten ranked documents:
           the section of a quote, or the first lines; on the command line, in Markdown
    mcp    calls the tools of the MCP server: explores, then shows the sections of the quotes and
           the places that the reply names, five in a call; then searches, and shows again

A question counts as answered once text of all gold documents was shown, with the answer where they
hold it word for word. What an unanswered question took counts as well.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.intervals import Interval, bootstrap
from docsearch_cli.evaluation.questions import load_questions
from docsearch_cli.index.store import open_index
from docsearch_cli.service.document_service import DocumentService
from tests.bench.harness import (
    OWN_CORPORA,
    corpus_of,
    folder_of,
    indexed,
    note,
    question_sets,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    show_table,
    spread,
    verdict,
)
from tests.bench.scripted_readers import (
    Corpus,
    Seen,
    grep_and_read,
    read_ranked,
    use_mcp,
    use_tools,
)

READERS = ("grep", "lines", "pages", "tools", "mcp")
OURS = ("tools", "mcp")
# Fewer calls and tokens than the grep reader, on questions of all sets together, in percent.
TARGET = 80.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What one reader did for one question."""

    after: tuple[int, ...]
    """Tokens seen, after each call."""
    answered: bool

    @property
    def calls(self) -> int:
        """How many it made."""
        return len(self.after)

    @property
    def tokens(self) -> int:
        """How many it has seen."""
        return self.after[-1] if self.after else 0

    def within(self, calls: int) -> Looked:
        """Return what it would have done that gave up after so many calls."""
        return Looked(self.after[:calls], self.answered and self.calls <= calls)


def look(corpus: Corpus, limit: int | None, questions: Path) -> list[dict[str, Looked]]:
    """Let every reader look for the answers of a set.

    Args:
        corpus: Its documents.
        limit: Most questions; None for all.
        questions: The file.

    Returns:
        For each question, what each reader did, by its name.
    """
    settings = load_settings({}, beside=corpus.home.parent)
    readers: dict[str, Callable[[Seen], None]] = {
        "grep": lambda seen: grep_and_read(seen, lines_count=False),
        "lines": lambda seen: grep_and_read(seen, lines_count=True),
        "pages": read_ranked,
        "tools": lambda seen: use_tools(seen, settings),
        "mcp": lambda seen: use_mcp(seen, service),
    }
    rows = []
    with closing(DocumentService(str(corpus.home))) as service:
        for question in spread([item for item in load_questions(questions) if item.gold], limit):
            row = {}
            for name, reader in readers.items():
                seen = Seen(corpus, question)
                reader(seen)
                row[name] = Looked(tuple(seen.after), seen.is_answered)
            rows.append(row)
    return rows


def cells_of(name: str, rows: Sequence[dict[str, Looked]]) -> list[tuple[str, ...]]:
    """Return the rows of the table for a set: one a reader."""
    cells = []
    for reader in READERS:
        answered = bootstrap([float(row[reader].answered) for row in rows])
        calls = bootstrap([row[reader].calls for row in rows], 2)
        tokens = bootstrap([row[reader].tokens for row in rows], 0)
        cells.append((
            name if reader == READERS[0] else "",
            reader,
            str(len(rows)),
            _with_ends(answered, 100, ".0f"),
            _with_ends(calls, 1, ".1f"),
            _with_ends(tokens, 1, ",.0f"),
            *(f"{saved(rows, reader, what):.0f}" for what in ("calls", "tokens")),
        ))  # fmt: skip
    return cells


def saved(rows: Sequence[dict[str, Looked]], reader: str, what: str, base: str = "grep") -> float:
    """Return by how many percent a reader takes fewer calls or tokens than another one."""
    own = sum(getattr(row[reader], what) for row in rows)
    return 100 * (1 - own / max(1, sum(getattr(row[base], what) for row in rows)))


def within(rows: Sequence[dict[str, Looked]], reader: str, calls: int) -> list[dict[str, Looked]]:
    """Return the rows of a reader that gives up after so many calls."""
    return [{**row, reader: row[reader].within(calls)} for row in rows]


def show_verdict(rows: Sequence[dict[str, Looked]], reader: str) -> bool:
    """Print what a reader saves that reads to its end, if it answers as many as either grep.

    Args:
        rows: Of all questions.
        reader: Which one.

    Returns:
        Whether the target is met.
    """
    least = max(sum(row[name].answered for row in rows) for name in ("grep", "lines"))
    answered = sum(row[reader].answered for row in rows)
    is_met = answered >= least
    print(f"{reader}, read to its end: answers {answered} questions, grep {least}")
    for what in ("calls", "tokens"):
        value = saved(rows, reader, what)
        is_met &= value >= TARGET
        print(f"{what} saved: {value:.1f} % {verdict(value, TARGET, at_most=False)}")
    return is_met


def _with_ends(found: Interval, times: float, form: str) -> str:
    mean, low, high = (format(times * value, form) for value in found)
    return f"{mean} ({low}-{high})"


def main() -> int:
    """Look, print, save; a missed target is said, and is exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sets", default="", help="names, by commas (all)")
    parser.add_argument("--limit", type=int, help="use N questions of each set")
    parser.add_argument("--indexes", type=Path, help="folder with ready indexes, ix-<set>")
    options = parser.parse_known_args()[0]
    show_machine()
    public = question_sets() if not options.sets and set_is_here("hotpotqa") else []
    names = options.sets.split(",") if options.sets else [*OWN_CORPORA, *public]
    looked: dict[str, list[dict[str, Looked]]] = {}
    here = Path.cwd()
    with scratch() as work:
        for name in names:
            home = indexed(name, work, indexes=options.indexes)
            folder, _ = corpus_of(name)
            beside = folder_of(name)
            note(f"{name}: reading")
            os.chdir(folder)  # paths are shown as one types them there
            looked[name] = look(
                Corpus(folder, open_index(home), home), options.limit, beside / "questions.jsonl"
            )
            os.chdir(here)
    everything = [row for rows in looked.values() for row in rows]
    columns = ("set", "reader", "n", "answered, %", "calls", "tokens", "calls saved",
        "tokens saved")  # fmt: skip
    rows = [cells for name, rows in looked.items() for cells in cells_of(name, rows)]
    show_table(
        "calls and tokens (bytes / 4) until the answer was seen, 95 % intervals; saved: percent "
        "of what grep takes",
        columns,
        [*rows, *cells_of("all", everything)],
    )
    for reader in OURS:
        both = [row for row in everything if row["grep"].answered and row[reader].answered]
        print(
            f"of the {len(both)} questions that both answered, {reader} takes "
            f"{saved(both, reader, 'calls'):.0f} % fewer calls and "
            f"{saved(both, reader, 'tokens'):.0f} % fewer tokens than grep"
        )
        place = READERS.index(reader)
        show_table(
            f"{reader}, given up after so many calls: all questions",
            ("calls at most", "answered, %", "calls", "tokens", "calls saved", "tokens saved"),
            [
                (str(most), *cells_of("", within(everything, reader, most))[place][3:])
                for most in (1, 2, 3, 4, 5, 8, 12)
            ],
        )
    met = [show_verdict(everything, reader) for reader in OURS]
    save_results(
        "saves",
        {
            "limit": options.limit,
            "sets": {
                name: [{reader: asdict(row[reader]) for reader in READERS} for row in rows]
                for name, rows in looked.items()
            },
        },
    )
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
