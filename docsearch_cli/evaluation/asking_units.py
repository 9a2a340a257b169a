"""Asks questions with known answers on an engine: each with all its budgets is one unit of work.

The registry of the processes that ask (``FUNCTIONS``, see ``engine/worker.py``), and the other end.
What is measured is what the worker measured; nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from docsearch_cli.batch.units import run_units
from docsearch_cli.config import ModelSettings, Settings
from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.errors import RunFailedError
from docsearch_cli.evaluation.asking import AskedQuestion, ask_question
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.index.copies import copies_folder, open_generation_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.search.engines import make_engine_for_units
from docsearch_cli.search.result import AskOptions
from docsearch_cli.typed_bytes import TypedBytes

ASK = "evaluation.ask@1"
REGISTRY = "docsearch_cli.evaluation.asking_units"
# For each budget, beyond the search's own deadline.
_MORE_S = 30.0


@dataclass(frozen=True, slots=True)
class GoldCall:
    """A question with known answers, and how and on what to ask it."""

    generation: str
    digest: str
    question: GoldQuestion
    settings: Settings
    budgets: tuple[int, ...]
    conditions: tuple[Condition, ...]
    with_losses: bool


_BYTES = TypedBytes()


def ask_questions_on(
    options: AskOptions,
    index: IndexReader,
    questions: Sequence[GoldQuestion],
    budgets: Sequence[int],
    *,
    conditions: Sequence[Condition] = (),
    with_losses: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[AskedQuestion]:
    """Search for every question under every budget, side by side; see ``ask_questions``.

    Args:
        options: Engine and settings.
        index: The index to search.
        questions: What to search for.
        budgets: Most agents of each search, ascending.
        conditions: What pages must have.
        with_losses: Look where each gold document is lost.
        progress: Called with the number of questions done, and of all.

    Returns:
        One entry a question, in order.

    Raises:
        RunFailedError: If a question's process keeps dying, or sends something else.
    """
    settings = replace(options.settings, models=ModelSettings())
    timeout_s = len(budgets) * (settings["deadline_s"] + _MORE_S) * (1 + with_losses)

    def make_call(number: int, question: GoldQuestion) -> StepCall:
        call = GoldCall(
            str(index.folder),
            index.digest,
            question,
            settings,
            tuple(budgets),
            tuple(conditions),
            with_losses,
        )
        return StepCall(number, ASK, _BYTES.write(GoldCall, call), timeout_s)

    asked: dict[int, AskedQuestion] = {}
    progress(0, len(questions))
    with closing(make_engine_for_units(options, REGISTRY, index)) as engine:
        engine.start()
        calls = (make_call(number, question) for number, question in enumerate(questions))
        for outcome in run_units(engine, calls):
            name = questions[outcome.number].id
            if outcome.status != "ok":
                said = outcome.error.message if outcome.error is not None else outcome.status
                raise RunFailedError(f"question {name} could not be asked: {said}")
            try:
                asked[outcome.number] = _BYTES.read(AskedQuestion, outcome.output, is_utf8=True)
            except ValueError as error:
                raise RunFailedError(f"question {name} has no result: {error}") from error
            progress(len(asked), len(questions))
    return [asked[number] for number in range(len(questions))]


def ask(payload: bytes) -> bytes:
    """Ask a question under its budgets."""
    call = _BYTES.read(GoldCall, payload)
    index = open_generation_of(call.digest, Path(call.generation))
    home = copies_folder() / "homes" / call.digest  # nothing is written there
    found = ask_question(
        home,
        index,
        call.question,
        call.settings,
        call.budgets,
        conditions=call.conditions,
        with_losses=call.with_losses,
    )
    return _BYTES.write(AskedQuestion, found)


FUNCTIONS: Mapping[str, Callable[[bytes], bytes]] = {ASK: ask}
PRELOAD = ("docsearch_cli.search.deep", "docsearch_cli.retrieval.bm25", "Stemmer")
