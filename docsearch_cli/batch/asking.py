"""Asks many questions, each as one unit of work with a run of its own.

questions --QuestionCall--> engine: processes here, or workers of a cluster
   ^                           |
   |   result, record  <-------'      in any order
   `-- asked already, begun already
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from docsearch_cli.batch.questions_file import BatchQuestion
from docsearch_cli.batch.units import run_units
from docsearch_cli.batch.whole_question import (
    ANSWER,
    QuestionCall,
    QuestionError,
    QuestionReply,
    read_reply,
    without_secrets,
    write_call,
)
from docsearch_cli.engine.protocol import StepCall, StepOutcome
from docsearch_cli.errors import EXIT_RUN_FAILED, DocsearchError, RunCorruptError, UsageError
from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.runs.brought import keep_record
from docsearch_cli.runs.recorder import new_run_id
from docsearch_cli.search.engines import find_engine, make_engine_for_units
from docsearch_cli.search.result import AskOptions
from docsearch_cli.steps import canonical_json

REGISTRY = "docsearch_cli.batch.whole_question"
# Beyond the run's own deadline: opening the index, ranking, recording, and waiting for a processor.
_MORE_S = 60.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What all questions of a batch have in common."""

    home: Path
    index: IndexReader
    options: AskOptions

    def key(self, question: str) -> str:
        """Return a hash of all that decides an answer, to know a question again that was asked."""
        options = self.options
        limits = options.settings.run_limits().to_dict()
        facts = {
            "question": question,
            "index": self.index.digest,
            "mode": options.mode,
            "agent": options.agent,
            "starts": list(options.starts),
            "conditions": [item.to_dict() for item in options.conditions],
            "limits": {name: value for name, value in limits.items() if name != "workers"},
            "synonyms": {name: list(words) for name, words in options.settings.synonyms.items()},
            "model": options.model,
            "answer": options.answer,
        }
        return hashlib.sha256(canonical_json(facts)).hexdigest()[:16]

    def refuse_spending_elsewhere(self) -> None:
        """Refuse to have another machine ask a language model.

        Raises:
            UsageError: If that was asked for.
        """
        options = self.options
        asks = find_agent(options.agent).asks_model or options.answer == "llm"
        if asks and find_engine(options.engine).is_elsewhere:
            raise UsageError(
                f"the engine {options.engine!r} asks no language model: a worker that is lost may"
                " be replaced unseen, and what it had asked would be paid for twice",
                hint="leave --engine out: this machine can wait for many replies at once",
            )


def ask_batch(
    batch: Batch,
    questions: Sequence[BatchQuestion],
    *,
    earlier_runs: Mapping[str, Sequence[str]],
    begins: Callable[[str, str], None],
    stops: Callable[[], bool],
) -> Iterator[tuple[BatchQuestion, QuestionReply]]:
    """Ask questions, as many at once as the engine has slots.

    Args:
        batch: How, and on what.
        questions: What to ask.
        earlier_runs: Runs that were begun for questions before, by the question's id, the last one
            first; the first that fits is continued.
        begins: Told, before a question is sent, its id and that of its run.
        stops: Asked between events whether to end.

    Yields:
        Each question with what came of it, as they end; not those that a stop cut off.
    """
    asked: dict[int, BatchQuestion] = dict(enumerate(questions))
    # Those of each question that were begun here, the last one first.
    runs: dict[int, tuple[str, ...]] = dict.fromkeys(asked, ())
    is_elsewhere = find_engine(batch.options.engine).is_elsewhere
    is_free = not find_agent(batch.options.agent).asks_model and batch.options.answer != "llm"

    def make_call(number: int) -> StepCall:
        before = (*runs[number], *earlier_runs.get(asked[number].id, ()))
        call = QuestionCall(
            home=str(batch.home),
            generation=str(batch.index.folder),
            digest=batch.index.digest,
            question=asked[number].question,
            run_id=new_run_id(),
            earlier_runs=() if is_elsewhere else before,
            settings=batch.options.settings,
            mode=batch.options.mode,
            agent=batch.options.agent,
            starts=batch.options.starts,
            conditions=batch.options.conditions,
            use_cache=batch.options.use_cache,
            argv=batch.options.argv,
            model=batch.options.model,
            base_url=batch.options.base_url,
            answer=batch.options.answer,
        )
        runs[number] = (call.run_id, *runs[number])
        begins(asked[number].id, call.run_id)
        payload = write_call(without_secrets(call) if is_elsewhere else call)
        timeout_s = batch.options.settings["deadline_s"] + _MORE_S
        return StepCall(number, ANSWER, payload, timeout_s)

    def again(call: StepCall, _outcome: StepOutcome) -> StepCall | None:
        return make_call(call.number) if is_free else None

    calls = (make_call(number) for number in asked)
    with closing(make_engine_for_units(batch.options, REGISTRY, batch.index)) as engine:
        engine.start()
        for outcome in run_units(engine, calls, again=again, stops=stops):
            question = asked[outcome.number]
            run_id = runs[outcome.number][0]
            reply = _reply_of(outcome, question.question, run_id)
            yield question, _keep(batch.home, reply, run_id, is_elsewhere=is_elsewhere)


def _reply_of(outcome: StepOutcome, question: str, run_id: str) -> QuestionReply:
    if outcome.status == "ok":
        try:
            reply = read_reply(outcome.output)
            if reply.result is None or reply.result.question == question:
                return reply
            problem = "its worker sent the result of another question"
        except ValueError as error:
            problem = f"its worker sent no result: {error}"
    else:
        said = outcome.error.message if outcome.error is not None else ""
        problem = f"its process ended badly ({outcome.status}): {said}"
    return _failed(problem, run_id)


def _failed(problem: str, run_id: str) -> QuestionReply:
    hint = f"docsearch runs list shows whether run {run_id} can be continued"
    return QuestionReply(None, QuestionError("question_failed", problem, hint, EXIT_RUN_FAILED))


def _keep(home: Path, reply: QuestionReply, run_id: str, *, is_elsewhere: bool) -> QuestionReply:
    """Keep the record that came with a result; a result whose record cannot be kept says so.

    A result that names a run and comes without its record, or with another's, is not believed.
    """
    if reply.result is None or reply.result.run_id is None:
        return reply
    if not (is_elsewhere or reply.record):
        return reply  # recorded here by whoever answered it
    try:
        keep_record(home, reply.result.run_id, reply.record)
    except RunCorruptError as error:
        return _failed(f"its worker sent no record of its run: {error.message}", run_id)
    except DocsearchError as error:
        note = f"the run is not recorded: {error.message}"
        result = replace(reply.result, run_id=None, notes=(*reply.result.notes, note))
        return replace(reply, result=result)
    return reply
