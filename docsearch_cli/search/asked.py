"""What was asked of an index last: the latest questions, and where the last answer's quotes stand.

``.docsearch/asked.json``, for its owner alone. ``docsearch open`` and ``ask --again`` go by it. It
holds places, no text of documents. A folder may have come from a stranger, and the file with it: it
is read as data, strictly, and a path in it means nothing until the index has it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError
from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, whole_words
from docsearch_cli.files import opened_file, replace_file
from docsearch_cli.search.result import AskResult

ASKED_NAME = "asked.json"
MOST_QUESTIONS = 50
"""More are forgotten, the oldest first."""
_VERSION = 1
# So many questions of the greatest length, each character escaped.
_MOST_BYTES = 12 * MOST_QUESTION_CHARS * (MOST_QUESTIONS + 1)
# An answer has far fewer.
_MOST_QUOTES = 1_000
_ASK = 'docsearch ask "..."'


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that was asked."""

    question: str
    asked_at: str
    """Date and time, in UTC."""
    mode: str
    run_id: str | None


@dataclass(frozen=True, slots=True)
class QuotedPlace:
    """Where a quote of the last answer stands."""

    path: str
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is remembered."""

    questions: tuple[AskedQuestion, ...] = ()
    """Each once, the latest first."""
    quotes: tuple[QuotedPlace, ...] = ()
    """Those of the last answer, in order."""


def remember_answer(home: Path, result: AskResult) -> str:
    """Remember a question and its answer, if the folder may be written: else nothing is.

    Args:
        home: The ``.docsearch`` folder.
        result: What is about to be printed.

    Returns:
        In words, why nothing is where a person might not expect it, as there is no file of ours in
        the file's place; else nothing.
    """
    file = home / ASKED_NAME
    if kind := _stranger_in_place(file):
        return f"this question is not remembered: {file} is {kind}; remove it"
    asked_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    question = whole_words(result.question)
    latest = AskedQuestion(question, asked_at, result.mode, result.run_id)
    with contextlib.suppress(OSError):
        earlier = _read(home)
        others = [item for item in earlier.questions if item.question != question]
        quotes = [
            QuotedPlace(item.path, item.line_start, item.line_end)
            for item in result.findings.evidence
        ]
        _write(home, Asked((latest, *others[: MOST_QUESTIONS - 1]), tuple(quotes)))
    return ""


def read_asked(home: Path) -> Asked:
    """Return what is remembered.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        At least one question.

    Raises:
        InputError: If nothing is, or the file cannot be used.
    """
    file = home / ASKED_NAME
    try:
        found = _parse(file)
    except FileNotFoundError:
        found = Asked()
    except OSError as error:
        if kind := _stranger_in_place(file):
            raise InputError(f"{file} cannot be used: it is {kind}", hint="remove it") from error
        raise refusal(error, str(file)) or _unusable(file, error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise _unusable(file, str(error)) from error
    if not found.questions:
        raise InputError(
            f"no question asked of the index in {home} is remembered",
            hint=f"{_ASK} (without --no-history, or history = false in the settings)",
        )
    return found


def _stranger_in_place(file: Path) -> str:
    """Return what stands in the place of a file of ours, in words; nothing if that may be one."""
    if file.is_symlink():
        return "a link"
    return "no file" if file.exists() and not file.is_file() else ""


def _unusable(file: Path, reason: str | None) -> InputError:
    return InputError(f"{file} cannot be used: {reason}", hint=f"ask again: {_ASK}")


def _read(home: Path) -> Asked:
    """Return what is remembered; nothing where the file is damaged.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        What there is.

    Raises:
        OSError: If there is a file that we may not read: it is another user's.
    """
    try:
        return _parse(home / ASKED_NAME)
    except (FileNotFoundError, ValueError, RecursionError):
        return Asked()


def _write(home: Path, asked: Asked) -> None:
    document = {"version": _VERSION, **asdict(asked)}
    # Not waited for: what a loss of power takes is asked again.
    replace_file(home / ASKED_NAME, json.dumps(document).encode("ascii"), mode=0o600, sync=False)


def _parse(file: Path) -> Asked:
    """Return what a file says.

    Args:
        file: The file.

    Returns:
        What is in it, of the right types.

    Raises:
        OSError: If it cannot be read, is no regular file or not ours.
        ValueError: If it is not what we write.
    """
    with opened_file(file) as handle:
        if os.fstat(handle.fileno()).st_uid != os.geteuid():
            raise PermissionError(13, "it is another user's", str(file))
        data = handle.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
    document = json.loads(data)
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise ValueError("it is of another version of docsearch")
    questions = _rows(document, "questions", MOST_QUESTIONS)
    quotes = _rows(document, "quotes", _MOST_QUOTES)
    return Asked(tuple(map(_question, questions)), tuple(map(_place, quotes)))


def _rows(document: dict[str, Any], name: str, most: int) -> Sequence[dict[str, Any]]:
    rows = document.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows[:most]):
        raise ValueError(f"{name} is no list of objects")
    return rows[:most]


def _question(row: dict[str, Any]) -> AskedQuestion:
    run_id = row.get("run_id")
    return AskedQuestion(
        _text(row, "question")[:MOST_QUESTION_CHARS],
        _text(row, "asked_at"),
        _text(row, "mode"),
        _text(row, "run_id") if run_id is not None else None,
    )


def _place(row: dict[str, Any]) -> QuotedPlace:
    first, last = row.get("line_start"), row.get("line_end")
    if type(first) is not int or type(last) is not int or not 0 < first <= last < 1 << 31:
        raise ValueError("a quote has no lines")
    return QuotedPlace(_text(row, "path"), first, last)


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value
