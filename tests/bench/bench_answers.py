"""Can the answer be read, once the right page is found?

python -m tests.bench.bench_answers [--sets A,B] [--held-out] [--vague] [--agents N] [--model NAME]

Questions of a new user (``answers/``) over three manuals and two vaults, each asked simple, deep
and the way that it goes by itself. Counted for each set: a right page among the first three; every
part of the answer in the quotes; all of them in the first quote; every part in a quote or within
six lines of one. Of the questions that need two pages, how many were routed to the simple search.
``--vague`` asks the same without the words of the manual, ``--held-out`` the questions of five
manuals that nothing is tuned on. A set whose documents cannot be had is
skipped, and a question whose answer does not stand in its pages (another version) as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from docsearch_cli.config import load_settings
from docsearch_cli.corpus.encoding import decode
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskMode, AskOptions, AskResult
from tests.bench.answer_parts import NEAR_LINES, Quoted, Read, holds, read_answer, readable
from tests.bench.harness import (
    DOCSEARCH,
    note,
    run_process,
    save_results,
    scratch,
    show_machine,
    show_table,
)
from tests.bench.manuals import (
    HELD_OUT,
    MANUALS,
    VAULTS,
    NotHereError,
    Question,
    documents_of,
    load_questions,
)

MODES: tuple[AskMode, ...] = ("simple", "deep", "auto")
COLUMNS = ("set", "asked", "n", "page", "full", "first", "near", "two pages", "of", "went simple",
    "tokens", "agents")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, asked one way."""

    question: Question
    asked: AskMode
    went: str
    read: Read
    tokens: int
    """Of the quotes that were returned."""
    agents: int
    quotes: tuple[str, ...]
    """Where each stands."""

    def to_dict(self) -> dict[str, Any]:
        """Return the figures of the question."""
        return {
            "id": self.question.id,
            "kind": self.question.kind,
            "pages": len(self.question.gold),
            "asked": self.asked,
            "went": self.went,
            **asdict(self.read),
            "full": self.read.is_full,
            "tokens": self.tokens,
            "agents": self.agents,
            "quotes": self.quotes,
        }


class Manual:
    """The documents of a set and their index."""

    def __init__(self, documents: Path, home: Path) -> None:
        self._documents = documents
        self.home = home
        self.index: IndexReader = open_index(home)
        paths = self.index.paths
        self._rows = {paths[row]: row for row in range(len(paths))}

    def plain_lines(self, path: str, first: int, last: int) -> str:
        """Return how lines of a document read, from 1 and inclusive; those it has."""
        lines = decode((self._documents / path).read_bytes())[0].split("\n")
        text = "\n".join(lines[max(0, first - 1) : last])
        return plain_text(text, self.index.markup(self._rows[path]))

    def is_stale(self, question: Question) -> bool:
        """Tell whether a part of the answer does not stand in the pages that should hold it."""
        if any(page not in self._rows for page in question.gold):
            return True
        pages = [readable(self.plain_lines(page, 1, sys.maxsize)) for page in question.gold]
        return not all(any(holds(page, part) for page in pages) for part in question.parts)

    def ask(self, question: Question, text: str, options: AskOptions) -> Answered:
        """Ask a question and look for its answer."""
        result = ask(self.home, self.index, text, options)
        findings = result.findings
        read = read_answer(
            question.parts,
            question.pages,
            [item.path for item in findings.documents],
            self._quoted(result),
        )
        places = tuple(f"{q.path}:{q.line_start}-{q.line_end}" for q in findings.evidence)
        agents = result.budget["agents_used"]
        return Answered(
            question, options.mode, result.mode, read, findings.tokens_returned, agents, places
        )

    def _quoted(self, result: AskResult) -> list[Quoted]:
        return [
            Quoted(
                item.path,
                item.plain,
                self.plain_lines(
                    item.path, item.line_start - NEAR_LINES, item.line_end + NEAR_LINES
                ),
            )
            for item in result.findings.evidence
        ]


def ask_set(
    name: str, work: Path, *, vague: bool, agents: int | None, model: str | None
) -> list[Answered]:
    """Index a set and ask all its questions every way.

    Raises:
        NotHereError: If its documents cannot be had.
    """
    documents = documents_of(name)
    with_model = ["--model", model] if model else []
    run_process(
        [DOCSEARCH, "index", str(documents), "--quiet", "--index", str(work / name), *with_model]
    )
    manual = Manual(documents, work / name / ".docsearch")
    settings = load_settings({"max_agents": agents} if agents else {})
    note(f"{name}: asking")
    answered = []
    for question in load_questions(name):
        if manual.is_stale(question):
            print(f"{question.id}: skipped, its answer does not stand in {question.gold}")
            continue
        text = question.vague if vague else question.question
        answered += [
            manual.ask(
                question,
                text,
                AskOptions(settings, mode, "inline", use_cache=False, record=False),
            )
            for mode in MODES
        ]
    return answered


def row_of(name: str, asked: str, answered: Sequence[Answered]) -> list[str]:
    """Return a row of the table: what one way of asking gave for a set."""
    two = [item for item in answered if len(item.question.gold) > 1]
    simple = sum(item.went == "simple" for item in two)
    return [
        name,
        asked,
        str(len(answered)),
        str(sum(item.read.is_page_first for item in answered)),
        str(sum(item.read.is_full for item in answered)),
        str(sum(item.read.in_first for item in answered)),
        str(sum(item.read.is_near for item in answered)),
        str(sum(item.read.is_full for item in two)),
        str(len(two)),
        str(simple) if asked == "auto" else "-",
        f"{fmean(item.tokens for item in answered):.0f}",
        f"{fmean(item.agents for item in answered):.1f}",
    ]


def main() -> int:
    """Ask, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sets", default="", help="names, by commas (all)")
    parser.add_argument("--held-out", action="store_true", help="manuals nothing is tuned on")
    parser.add_argument("--vague", action="store_true", help="without the words of the manual")
    parser.add_argument("--agents", type=int, help="most agents of a deep search")
    parser.add_argument("--model", help="index with embeddings of this model")
    options = parser.parse_known_args()[0]
    show_machine()
    usual = [*HELD_OUT] if options.held_out else [*MANUALS, *VAULTS]
    names = options.sets.split(",") if options.sets else usual
    asked: dict[str, list[Answered]] = {}
    with scratch() as work:
        for name in names:
            try:
                asked[name] = ask_set(
                    name, work, vague=options.vague, agents=options.agents, model=options.model
                )
            except NotHereError as error:
                print(f"skipped: {name} {error}")
    everything = [item for answered in asked.values() for item in answered]
    if not everything:
        return 0
    rows = [
        row_of(name, mode, of_mode)
        for name, answered in [*asked.items(), ("all", everything)]
        for mode in MODES
        if (of_mode := [item for item in answered if item.asked == mode])
    ]
    show_table(
        "answers: a right page in the first three; all parts of the answer in the quotes, in the "
        "first, near",
        COLUMNS,
        rows,
    )
    save_results(
        "answers",
        {
            "vague": options.vague,
            "agents": options.agents,
            "model": options.model,
            "sets": {name: [item.to_dict() for item in rows] for name, rows in asked.items()},
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
