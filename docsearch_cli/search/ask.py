"""The use case: a question in, findings out. Chooses between the simple and the deep search.

What a deep search needs (engine, record, cache) is imported when there is one: a simple question
pays for none of it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.corpus.graphemes import shorten
from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.explore.applied_filter import filter_of
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.findings import Findings
from docsearch_cli.explore.intent import Intent, IntentInput, detect_intent
from docsearch_cli.explore.mode import choose_mode
from docsearch_cli.explore.scored_question import (
    MOST_QUESTION_CHARS,
    ScoredQuestion,
    whole_words,
)
from docsearch_cli.index.glossary import short_forms_of
from docsearch_cli.index.question_encoder import question_encoder
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.written_options import is_written_option
from docsearch_cli.retrieval.asked_terms import languages_asked
from docsearch_cli.retrieval.conditions import Condition, conditions_in_words, in_order
from docsearch_cli.retrieval.question_syntax import ParsedQuestion, parse_question, phrase_words
from docsearch_cli.retrieval.respelling import Respelling, replace_words, respell
from docsearch_cli.retrieval.synonyms import find_synonyms
from docsearch_cli.search.result import (
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)
from docsearch_cli.search.simple import answer_simply

if TYPE_CHECKING:
    from docsearch_cli.byte_cache import KeptByteCache
    from docsearch_cli.engine.protocol import Engine

# Of the last word that is searched for, so much is named.
_MOST_LAST_WORD = 40
_NOT_SURE = "not sure that a keyword search is enough: --deep lets agents explore"


@dataclass(frozen=True)  # no slots: the facts are found when a search asks for them
class PreparedQuestion:
    """A question scored against an index; every search for it starts from this."""

    scored: ScoredQuestion
    respellings: tuple[Respelling, ...]
    """Of words that no document holds; those that are clear are replaced in ``scored``."""
    parsed: ParsedQuestion
    """What its syntax says."""
    is_cut: bool = False
    """Whether it is longer than what is searched for."""

    @cached_property
    def facts(self) -> IntentInput:
        """What the intent is detected from."""
        return intent_facts(self.scored)

    def reading_notes(self, *, found: bool) -> list[str]:
        """Return how the question's words were read, where that is not as they stand.

        Args:
            found: Whether something was found; if not, the nearest words are named too.

        Returns:
            A line each.
        """
        notes = []
        if self.is_cut:
            last = shorten(self.scored.question.split()[-1], _MOST_LAST_WORD)
            notes.append(
                f"the question is too long: searched are its first {MOST_QUESTION_CHARS:,}"
                f' characters, up to "{last}"'
            )
        notes += [
            f'no document holds "{item.asked}": searched for "{item.meant[0]}"'
            if item.is_clear
            else f'no document holds "{item.asked}"; did you mean: {", ".join(item.meant)}'
            for item in self.respellings
            if item.is_clear or not found
        ]
        notes += [
            f"{word} is searched for: the documents write it so; to leave the word out: "
            f'-"{word.lstrip("(-")}"'
            for word in self.parsed.options
        ]
        notes += [
            f"{field} has no date, so it is words; a date is 2025, 2025-07 or 2025-07-14"
            for field in self.parsed.not_dates
        ]
        return notes


def prepare_question(
    index: IndexReader,
    question: str,
    conditions: Sequence[Condition] = (),
    *,
    listed: Mapping[str, tuple[str, ...]] | None = None,
) -> PreparedQuestion:
    """Score a question once for any number of searches, whatever their limits.

    Args:
        index: The index.
        question: As it was typed: its own conditions are taken out of it, and a misspelled word is
            replaced where it is clear what was meant.
        conditions: What pages must have besides.
        listed: Synonyms that the settings list, by word.

    Returns:
        The question as it is searched for.
    """
    is_option = cache(lambda word: is_written_option(index, word))
    read = whole_words(question, 2 * MOST_QUESTION_CHARS)
    parsed = parse_question(read, is_option)
    asked = in_order((*conditions, *parsed.conditions))
    listed, glossary = listed or {}, short_forms_of(index)
    words = whole_words(parsed.words)
    synonyms = find_synonyms(words, listed, glossary)
    as_they_are = phrase_words(asked).union(*(item.words.split() for item in synonyms))
    languages = languages_asked(words, index.languages.names)
    found = respell(words, languages, index.keyword, index.texts.__getitem__)
    respellings = [item for item in found if item.asked not in as_they_are]
    respelled = replace_words(words, respellings)
    searched = whole_words(respelled)  # what was meant may be longer than what was typed
    respellings = [item for item in respellings if not item.is_clear or item.meant[0] in searched]
    if searched != words:
        synonyms = find_synonyms(searched, listed, glossary)
    scored = ScoredQuestion(
        index,
        searched,
        encode=question_encoder(index),
        conditions=asked,
        synonyms=synonyms,
    )
    is_cut = read != question or words != parsed.words or searched != respelled
    return PreparedQuestion(scored, tuple(respellings), parsed, is_cut)


def ask(
    home: Path,
    index: IndexReader,
    question: str,
    options: AskOptions,
    *,
    observer: SearchObserver | None = None,
    prepared: PreparedQuestion | None = None,
    start: Callable[[AskOptions], Engine] | None = None,
    step_cache: KeptByteCache | None = None,
) -> AskResult:
    """Answer a question from an index.

    Args:
        home: The ``.docsearch`` folder, for the run's record and the cache.
        index: The index to search.
        question: In words.
        options: How to search.
        observer: Told of the search's progress, and asked whether to stop a deep one.
        prepared: The question prepared for this index, where it is asked more than once.
        start: Returns the started engine of a deep search, which closes it; None for a new one.
        step_cache: What keeps the cache of steps open between searches; None if nothing does.

    Returns:
        The findings and how they came about.

    Raises:
        UsageError: If the question is empty.
        InputError: If a starting point is not in the index, or the run cannot be recorded.
        RunFailedError: If too many steps failed and nothing was found.
    """
    started = time.perf_counter()
    if not question.strip():
        raise UsageError("the question is empty", hint='ask something: docsearch ask "..."')
    starts = start_rows(index, options, question)
    observer = observer or SearchObserver()
    with contextlib.ExitStack() as closing:
        if options.mode == "deep":
            # Workers load while the index is searched.
            engine = _start_engine(options, closing, start)
        prepared = prepared or prepare_question(
            index, question, options.conditions, listed=options.settings.synonyms
        )
        scored, facts = prepared.scored, prepared.facts
        if reason := nothing_to_search(scored):
            return _nothing(scored, question, reason, options, started)
        starts = allowed_starts(scored, starts, options)
        intent = route(facts, options, bool(starts))
        if intent.mode == "simple":
            result = answer_simply(scored, facts, intent, options, started, observer=observer)
            if intent.unsure and result.findings.found:
                result = replace(result, notes=(*result.notes, _NOT_SURE))
            return as_asked(result, question, prepared)
        from docsearch_cli.search.deep import DeepSearch

        if options.mode != "deep":
            engine = _start_engine(options, closing, start)
        if not intent.looks:
            options = replace(options, settings=options.settings.without_look())
        search = DeepSearch(home, scored, options, engine, observer, step_cache=step_cache)
        result = search.run(facts, intent, starts, started)
        return as_asked(result, question, prepared)


def nothing_to_search(scored: ScoredQuestion) -> str:
    """Return why there is nothing that could be found; empty if there may be something."""
    if not len(scored.index.paths):
        return "the index holds no documents: docsearch index PATH"
    if scored.pages is not None and not scored.pages.beginning.any():
        return scored.pages.why_empty()
    return "" if scored.tokens else "the question has no searchable words"


def allowed_starts(scored: ScoredQuestion, starts: Sequence[int], options: AskOptions) -> list[int]:
    """Return the starting points that the question's conditions leave.

    Args:
        scored: The question against the corpus.
        starts: Rows of nodes.
        options: With the paths that were given.

    Returns:
        The rows of those that may be opened.

    Raises:
        UsageError: If one that was given by its path may not: both were asked for.
    """
    allowed = scored.allowed_nodes
    if allowed is None:
        return list(starts)
    for path in options.starts:
        row = scored.index.node_row(path.removeprefix("./"))
        if row is not None and not allowed[row]:
            said = conditions_in_words(scored.conditions)
            raise UsageError(
                f"the starting point {path!r} is left out by: {said}",
                hint="start elsewhere, or leave the condition out",
            )
    return [row for row in starts if allowed[row]]


def _start_engine(
    options: AskOptions,
    closing: contextlib.ExitStack,
    start: Callable[[AskOptions], Engine] | None,
) -> Engine:
    from docsearch_cli.search.engines import start_engine

    engine = (start or start_engine)(options)
    closing.callback(engine.close)
    return engine


def as_asked(result: AskResult, question: str, prepared: PreparedQuestion) -> AskResult:
    """Return a result that says how the question was read: filters, and words for others.

    Where nothing was found, it names the nearest words too.
    """
    notes = prepared.reading_notes(found=result.findings.found)
    respelled = tuple((item.asked, item.meant[0]) for item in prepared.respellings if item.is_clear)
    return replace(
        result,
        question=question,
        notes=(*notes, *result.notes),
        respelled=respelled,
    )


def start_rows(index: IndexReader, options: AskOptions, question: str) -> list[int]:
    """Return the nodes to begin at: those given, and those that the question's words call for.

    Args:
        index: The index.
        options: With the paths that were given.
        question: In words.

    Returns:
        Their rows, each once.

    Raises:
        InputError: If a path is not in the index.
    """
    rows: list[int] = []
    called_for = options.settings.starts_for(question)
    for path in (*options.starts, *called_for):
        row = index.node_row(path.removeprefix("./"))
        if row is None:
            hint = "give its path as the index has it; docsearch status --json lists them"
            if path not in options.starts:  # nobody gave one
                hint = "[[starting_points]] of the settings names it, see docsearch config show"
            raise InputError(f"the starting point {path!r} is not in the index", hint=hint)
        if row not in rows:
            rows.append(row)
    return rows


def route(facts: IntentInput, options: AskOptions, has_starts: bool) -> Intent:
    """Return how to search; without an agent to look with, an unsure search is a simple one.

    Args:
        facts: What is known of the question before anything is opened.
        options: How to search.
        has_starts: True if there are nodes to begin at.

    Returns:
        What was asked for, else what the question needs.
    """
    settings = options.settings
    return choose_mode(
        detect_intent(facts),
        options.mode,
        has_starts=has_starts,
        agents=min(settings["look_agents"], settings["max_agents"]),
    )


def _nothing(
    scored: ScoredQuestion, question: str, reason: str, options: AskOptions, started: float
) -> AskResult:
    return AskResult(
        question=question,
        mode="deep" if options.mode == "deep" else "simple",
        mode_reason=reason,
        run_id=None,
        findings=Findings((), (), "", (), 0, found=False, reason=reason),
        steps=(),
        budget=budget(options.settings.run_limits()),
        stop_reason="frontier_empty" if options.mode == "deep" else "simple",
        complete=True,
        limits_hit=(),
        notes=(reason,),
        filter=filter_of(scored),
        timings_ms={"total": elapsed_ms(started)},
    )
