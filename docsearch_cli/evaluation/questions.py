"""A file of questions with known answers.

It has one JSON object a line: ``id``, ``question``, ``gold`` (paths of the documents that hold the
answer) and optionally ``answer`` and ``aliases``: words that a good quote contains. A question with
an empty ``gold`` and no answer is one that the documents do not answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.batch.questions_file import check_text
from docsearch_cli.errors import InputError

_HINT = 'write {"id": ..., "question": ..., "gold": [paths]}; "answer" and "aliases" are optional'


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and the documents that answer it."""

    id: str
    question: str
    gold: tuple[str, ...]
    """Empty if the corpus has no answer."""
    answers: tuple[str, ...] = ()
    """The answer and its aliases, as they are written in the file."""

    @property
    def is_unanswerable(self) -> bool:
        """True if the right result is that the documents have no answer."""
        return not self.gold and not any(answer.strip() for answer in self.answers)


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
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            f"there is no file {str(path)!r}", hint="check the path's spelling"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"the questions file {str(path)!r} cannot be read: {reason}") from error
    return list(_parse_questions(path, text))


def _parse_questions(path: Path, text: str) -> Iterator[GoldQuestion]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            question = _parse_question(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
            raise InputError(
                f"{path.name}, line {number} is not a question: {reason}", hint=_HINT
            ) from error
        yield question


def _parse_question(row: Any) -> GoldQuestion:
    if not isinstance(row, dict):
        raise TypeError("it is not an object")
    answer = [row["answer"]] if row.get("answer") is not None else []
    question = GoldQuestion(
        str(row["id"]),
        str(row["question"]),
        _texts(row["gold"], "gold"),
        (*_texts(answer, "answer"), *_texts(row.get("aliases") or [], "aliases")),
    )
    if not question.question.strip():
        raise ValueError("the question is empty")
    for text in (question.id, question.question, *question.gold, *question.answers):
        check_text(text)
    return question


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{name} is not text")
    return tuple(value)
