"""A whole question as one unit of work: bytes in, bytes out, in any process with the index.

The registry of the processes that answer questions (``FUNCTIONS``, see ``engine/worker.py``). The
steps of a search run in the process that has the question: it is the unit that is spread, killed
when it takes too long, and sent again when its process dies.

Where the home of the index is not at hand, as on another machine, the run is recorded in a folder
of that machine and its record goes back with the result.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from docsearch_cli.config import Settings
from docsearch_cli.errors import (
    DocsearchError,
    InputError,
    RunCorruptError,
    RunDriftError,
    RunNotFoundError,
)
from docsearch_cli.explore.step_summary import StepSummary
from docsearch_cli.explore.written_answer import WrittenAnswer
from docsearch_cli.index.copies import copies_folder, open_generation_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.catalog import DATABASE, opened_run, run_folder
from docsearch_cli.runs.reached import ReachedLimit
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.ask import (
    PreparedQuestion,
    allowed_starts,
    as_asked,
    ask,
    nothing_to_search,
    prepare_question,
    route,
    start_rows,
)
from docsearch_cli.search.result import AskMode, AskOptions, AskResult, SearchObserver
from docsearch_cli.search.resume import read_result, resume_run
from docsearch_cli.search.run_facts import is_run_of
from docsearch_cli.steps import StopReason
from docsearch_cli.typed_bytes import TypedBytes

ANSWER = "batch.answer@1"
# What stands in the way of continuing a run; the question is then asked as a new one.
_CANNOT_CONTINUE = (RunNotFoundError, RunCorruptError, RunDriftError)


@dataclass(frozen=True, slots=True)
class QuestionCall:
    """A question, and how and on what to ask it."""

    home: str
    """The ``.docsearch`` folder, where the run is recorded; empty on another machine."""
    generation: str
    """Folder of the index as the asking machine has it."""
    digest: str
    """That of the index; no other one is asked."""
    question: str
    run_id: str
    """The id that its run is to have."""
    earlier_runs: tuple[str, ...]
    """Runs that were begun for it before, the last one first; the first that fits is continued."""
    settings: Settings
    mode: AskMode
    agent: str
    starts: tuple[str, ...]
    conditions: tuple[Condition, ...]
    use_cache: bool
    argv: tuple[str, ...]
    model: str = ""
    base_url: str | None = None
    answer: Literal["quotes", "llm"] = "quotes"

    def options(self) -> AskOptions:
        """Return how to search; the steps run in this process."""
        return AskOptions(
            settings=self.settings,
            mode=self.mode,
            engine="inline",
            agent=self.agent,
            starts=self.starts,
            conditions=self.conditions,
            use_cache=self.use_cache,
            run_id=self.run_id,
            argv=self.argv,
            model=self.model,
            base_url=self.base_url,
            answer=self.answer,
        )


@dataclass(frozen=True, slots=True)
class QuestionError:
    """Why a question has no result, as an error of the command line says it."""

    code: str
    message: str
    hint: str | None
    exit_code: int

    @classmethod
    def of(cls, error: DocsearchError) -> QuestionError:
        """Return what an error says."""
        return cls(error.code, error.message, error.hint, error.exit_code)


@dataclass(frozen=True, slots=True)
class QuestionReply:
    """What came of a question: a result, or an error."""

    result: AskResult | None
    error: QuestionError | None
    record: bytes = b""
    """The run's file, where it was not recorded in the home of the index."""


# The types that ``AskResult`` names and imports for a type checker alone.
_BYTES = TypedBytes(
    {
        "ReachedLimit": ReachedLimit,
        "StepSummary": StepSummary,
        "WrittenAnswer": WrittenAnswer,
        "StopReason": StopReason,
    }
)


def write_call(call: QuestionCall) -> bytes:
    """Return a call as bytes."""
    return _BYTES.write(QuestionCall, call)


def read_reply(data: bytes) -> QuestionReply:
    """Return what came of a question.

    Args:
        data: What ``answer`` gave.

    Returns:
        The reply.

    Raises:
        ValueError: If the bytes spell none.
    """
    reply = _BYTES.read(QuestionReply, data, is_utf8=True)
    if (reply.result is None) == (reply.error is None):
        raise ValueError("it is neither a result nor an error")
    return reply


def answer(payload: bytes) -> bytes:
    """Answer a question; an error that a user can cause is a reply too.

    Args:
        payload: A call, as ``write_call`` writes it.

    Returns:
        The reply.
    """
    call = _BYTES.read(QuestionCall, payload)
    home = Path(call.home) if call.home else copies_folder() / "homes" / call.digest
    try:
        index = open_generation_of(call.digest, Path(call.generation))
        result = _search(home, index, call)
        record = _take_record(home, result.run_id) if not call.home else b""
        reply = QuestionReply(result, None, record)
    except DocsearchError as error:
        reply = QuestionReply(None, QuestionError.of(error))
    return _BYTES.write(QuestionReply, reply)


def _search(home: Path, index: IndexReader, call: QuestionCall) -> AskResult:
    options = call.options()
    prepared = prepare_question(
        index, call.question, options.conditions, listed=options.settings.synonyms
    )
    if call.earlier_runs:
        found = _continue(home, index, call, options, prepared)
        if found is not None:
            return as_asked(found, call.question, prepared)
    return ask(home, index, call.question, options, prepared=prepared)


def _continue(
    home: Path,
    index: IndexReader,
    call: QuestionCall,
    options: AskOptions,
    prepared: PreparedQuestion,
) -> AskResult | None:
    """Finish a run that was begun for a question; None if it is to be asked anew.

    Only a run that this call would have begun: the record may be another's, and say to ask a model.
    """
    scored = prepared.scored
    rows = start_rows(index, options, call.question)
    starts = allowed_starts(scored, rows, options)
    intent = route(prepared.facts, options, bool(starts))
    if nothing_to_search(scored) or intent.mode == "simple":
        return None
    own = options
    if not intent.looks:
        own = replace(options, settings=options.settings.without_look())
    for run_id in call.earlier_runs:
        try:
            with opened_run(home, run_id) as store:
                with making_sense():
                    trace = read_trace(store)
                    is_own = is_run_of(trace, scored, own, starts)
                if not is_own:
                    continue
                if trace.status == "complete":
                    return read_result(home, index, store, options=options)
                return resume_run(home, index, store, options=options, observer=SearchObserver())
        except _CANNOT_CONTINUE:
            continue
        except InputError:
            if call.answer == "llm":  # what a model wrote would be paid for again
                raise
    return None


def _take_record(home: Path, run_id: str | None) -> bytes:
    """Return a run's file, and remove it here."""
    if run_id is None:
        return b""
    folder = run_folder(home, run_id)
    try:
        return (folder / DATABASE).read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def without_secrets(call: QuestionCall) -> QuestionCall:
    """Return a call for another machine: it names no home here and says nothing of models."""
    settings = replace(call.settings, models=type(call.settings.models)())
    return replace(call, home="", settings=settings)


FUNCTIONS: Mapping[str, Callable[[bytes], bytes]] = {ANSWER: answer}
# What a question's search imports, so that the first one is no slower than the others.
PRELOAD = ("docsearch_cli.search.deep", "docsearch_cli.retrieval.bm25", "Stemmer")
