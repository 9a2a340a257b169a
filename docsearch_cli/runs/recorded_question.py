"""The question of a recorded run, asked of an index again: its words and its conditions."""

from __future__ import annotations

from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.question_encoder import question_encoder
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition, conditions_in_words
from docsearch_cli.retrieval.synonyms import Synonym, synonyms_in_words
from docsearch_cli.runs.trace import Trace


def conditions_of(trace: Trace) -> tuple[Condition, ...]:
    """Return what pages had to have in a run; nothing where any might be opened.

    Args:
        trace: The run.

    Returns:
        The conditions in their order.

    Raises:
        ValueError: If one cannot be; also KeyError and TypeError.
    """
    held = trace.facts.get("filter")
    return tuple(Condition.from_dict(item) for item in held["conditions"]) if held else ()


def synonyms_of(trace: Trace) -> tuple[Synonym, ...]:
    """Return the synonyms that applied to the question of a run.

    Args:
        trace: The run.

    Returns:
        The synonyms in their order.

    Raises:
        ValueError: If one cannot be; also KeyError and TypeError.
    """
    return tuple(Synonym.from_dict(item) for item in trace.facts.get("synonyms", ()))


def in_words_of(trace: Trace) -> list[str]:
    """Return how the question of a run was read, a line each: its filter, and synonyms.

    Args:
        trace: The run.

    Returns:
        The lines; none for a question that was read as it stands.

    Raises:
        ValueError: If the record cannot be; also KeyError and TypeError.
    """
    conditions, synonyms = conditions_of(trace), synonyms_of(trace)
    filtered = [f"filter: {conditions_in_words(conditions)}"] if conditions else []
    return filtered + ([synonyms_in_words(synonyms)] if synonyms else [])


def score_recorded(trace: Trace, index: IndexReader) -> ScoredQuestion:
    """Return a run's question against an index, filtered and widened as it was.

    Args:
        trace: The run.
        index: The index.

    Returns:
        The question.
    """
    return ScoredQuestion(
        index,
        trace.facts["question"],
        encode=question_encoder(index),
        conditions=conditions_of(trace),
        synonyms=synonyms_of(trace),
    )
