"""Measuring a search on questions with known answers.

A questions file has one JSON object a line: ``id``, ``question``, ``gold`` (paths of the documents
that hold the answer; empty for one that has none) and, if there is one, ``answer``. The measures
are those of the field: R@k is the share of the gold documents among the first k, All@k is 1 where
all of them are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docsearch_cli.config import Setting, Settings
from docsearch_cli.errors import InputError
from docsearch_cli.index.store import IndexReader
from docsearch_cli.results import AskOptions, AskResult
from docsearch_cli.search import ask


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and the documents that answer it."""

    id: str
    question: str
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a search gave for one question."""

    id: str
    documents: tuple[str, ...]
    agents_used: int
    tokens_read: int
    tokens_returned: int
    evidence_text: str
    ms: float

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as one line of a predictions file."""
        return {
            "id": self.id,
            "documents": list(self.documents),
            "agents_used": self.agents_used,
            "tokens_read": self.tokens_read,
            "tokens_returned": self.tokens_returned,
            "evidence_text": self.evidence_text,
            "ms": self.ms,
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the questions that have gold documents; shares are 0 to 1."""

    max_agents: int
    questions: int
    recall_at_2: float
    recall_at_5: float
    recall_at_10: float
    all_at_5: float
    agents_used: float
    tokens_read: float
    tokens_returned: float
    mean_ms: float
    p95_ms: float


def load_questions(path: Path) -> list[GoldQuestion]:
    """Read a questions file.

    Args:
        path: The ``.jsonl``.

    Returns:
        The questions in the file's order.

    Raises:
        InputError: If it cannot be read, or a line is not a question; the message names the line.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the questions file {str(path)!r} cannot be read: {error}") from error
    return list(_parse_questions(path, text))


def _parse_questions(path: Path, text: str) -> Iterator[GoldQuestion]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            gold = tuple(str(item) for item in row["gold"])
            question = GoldQuestion(str(row["id"]), str(row["question"]), gold)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path.name}, line {number} is not a question: {error}",
                hint='a line is {"id": ..., "question": ..., "gold": [paths]}',
            ) from error
        yield question


def predict(
    home: Path,
    index: IndexReader,
    questions: Sequence[GoldQuestion],
    settings: Settings,
    max_agents: int,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Prediction]:
    """Search for every question in this process, without record or cache.

    Args:
        home: The ``.docsearch`` folder.
        index: The index to search.
        questions: What to search for.
        settings: How; its agents are replaced.
        max_agents: Budget of each search; 0 is the keyword search alone.
        progress: Told how many are done.

    Returns:
        One prediction a question, in order.
    """
    setting = Setting("max_agents", max_agents, "eval", max_agents)
    options = AskOptions(
        settings=replace(settings, limits={**settings.limits, "max_agents": setting}),
        mode="deep" if max_agents else "simple",
        engine="inline",
        use_cache=False,
        record=False,
    )
    predictions: list[Prediction] = []
    for done, question in enumerate(questions, start=1):
        started = time.perf_counter()
        result = ask(home, index, question.question, options)
        elapsed_ms = (time.perf_counter() - started) * 1000
        predictions.append(_prediction(question, result, elapsed_ms))
        progress(done, len(questions))
    return predictions


def _prediction(question: GoldQuestion, result: AskResult, elapsed_ms: float) -> Prediction:
    return Prediction(
        id=question.id,
        documents=tuple(item.path for item in result.findings.documents),
        agents_used=result.budget["agents_used"],
        tokens_read=result.budget["tokens_read"],
        tokens_returned=result.budget["tokens_returned"],
        evidence_text=" ".join(item.plain for item in result.findings.evidence),
        ms=round(elapsed_ms, 3),
    )


def score_predictions(
    questions: Sequence[GoldQuestion], predictions: Sequence[Prediction], max_agents: int
) -> Scores:
    """Return the means over all questions that have gold documents."""
    pairs = [
        (question, prediction)
        for question, prediction in zip(questions, predictions, strict=True)
        if question.gold
    ]
    times = sorted(prediction.ms for _, prediction in pairs)

    def mean(values: Sequence[float]) -> float:
        return round(sum(values) / len(values), 4) if values else 0.0

    return Scores(
        max_agents=max_agents,
        questions=len(pairs),
        recall_at_2=mean([recall_at(question, found, 2) for question, found in pairs]),
        recall_at_5=mean([recall_at(question, found, 5) for question, found in pairs]),
        recall_at_10=mean([recall_at(question, found, 10) for question, found in pairs]),
        all_at_5=mean([float(recall_at(question, found, 5) == 1) for question, found in pairs]),
        agents_used=mean([found.agents_used for _, found in pairs]),
        tokens_read=mean([found.tokens_read for _, found in pairs]),
        tokens_returned=mean([found.tokens_returned for _, found in pairs]),
        mean_ms=mean(times),
        p95_ms=times[int(0.95 * (len(times) - 1))] if times else 0.0,
    )


def recall_at(question: GoldQuestion, prediction: Prediction, k: int) -> float:
    """Return the share of the gold documents among the first k."""
    return sum(path in prediction.documents[:k] for path in question.gold) / len(question.gold)
