"""A file of questions: one JSON object a line, with ``question`` and perhaps an ``id``.

A line that is no question costs no other line: it is kept with the reason. Other fields of a line
are ignored, so a file for ``docsearch eval`` will do. Without an id a question is called by the
number of its line.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from docsearch_cli.batch.bounded_lines import TooLargeError, bounded_lines
from docsearch_cli.errors import InputError

# No line is longer that a person or a program means as a question.
_MOST_LINE_BYTES = 1_000_000
# All questions of a batch are in memory.
_MOST_BYTES = 256_000_000
_MOST_ID_CHARS = 200
HINT = 'write {"id": ..., "question": ...}, one object a line; the id may be left out'
_EXAMPLE = '{"question": "how is a backup restored?"}'
_NO_JSON = "it is no JSON"


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """A question of the file."""

    line: int
    """Its line, counted from 1."""
    id: str
    question: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no question."""

    line: int
    reason: str


def read_questions(path: Path) -> list[BatchQuestion | BadLine]:
    """Read a file of questions.

    Args:
        path: The file.

    Returns:
        A question or a bad line for each line that is not empty, in their order.

    Raises:
        InputError: If the file cannot be read, is too large, or has no line that is a question.
    """
    try:
        with path.open("rb") as handle:
            found = list(_read_lines(handle))
    except FileNotFoundError as error:
        raise InputError(f"there is no file {str(path)!r}", hint="check its spelling") from error
    except TooLargeError as error:
        raise InputError(
            f"{str(path)!r} is larger than {_MOST_BYTES:,} bytes",
            hint="split it into several files, each with its own --out",
        ) from error
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    bad = [item for item in found if isinstance(item, BadLine)]
    if len(bad) == len(found):
        raise _no_question(path, bad)
    return found


def _no_question(path: Path, bad: list[BadLine]) -> InputError:
    """Return the one error for a file that is none of questions, and how to make one of it."""
    said = f"{str(path)!r} holds no question"
    if bad:
        said += f": line {bad[0].line}: {bad[0].reason}"
    if len(bad) > 1:
        others = "1 more line is none" if len(bad) == 2 else f"{len(bad) - 1:,} more lines are none"
        said += f"; {others} either"
    hint = f"write an object a line, such as {_EXAMPLE}"
    if bad and bad[0].reason.startswith(_NO_JSON):
        own, made = shlex.quote(str(path)), shlex.quote(f"{path}.jsonl")
        hint += (
            f"; of lines of text jq makes them: jq -cR 'select(length > 0) | {{question: .}}' <"
            f" {own} > {made}, then docsearch ask --batch {made} --out answers.jsonl"
        )
    return InputError(said, hint=hint)


def _read_lines(handle: BufferedReader) -> Iterator[BatchQuestion | BadLine]:
    lines_by_id: dict[str, int] = {}
    lines = bounded_lines(handle, _MOST_LINE_BYTES, _MOST_BYTES)
    for number, whole in enumerate(lines, start=1):
        if len(whole) > _MOST_LINE_BYTES:
            yield BadLine(number, f"it is longer than {_MOST_LINE_BYTES:,} bytes")
            continue
        line = whole.removesuffix(b"\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            question = _read_question(number, line)
        except (ValueError, TypeError, RecursionError) as error:
            yield BadLine(number, str(error))
            continue
        before = lines_by_id.setdefault(question.id, number)
        if before != number:
            yield BadLine(number, f"its id {question.id[:50]!r} is that of line {before}")
            continue
        yield question


def _read_question(number: int, line: bytes) -> BatchQuestion:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"{_NO_JSON} ({reason} at column {error.colno})") from error
    if not isinstance(row, dict):
        raise TypeError("it is no object")
    question = row.get("question")
    if question is None:
        raise ValueError("it has no question")
    if not isinstance(question, str):
        raise TypeError("its question is no text")
    if not question.strip():
        raise ValueError("its question is empty")
    check_text(question, "its question")
    return BatchQuestion(number, _read_id(row.get("id"), number), question)


def _read_id(given: Any, number: int) -> str:
    if given is None:
        return str(number)
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise TypeError("its id is neither text nor a number")
    name = str(given)
    if not name or len(name) > _MOST_ID_CHARS:
        raise ValueError(f"its id is not of 1 to {_MOST_ID_CHARS} characters")
    check_text(name, "its id")
    return name


def check_text(text: str, what: str = "it") -> None:
    """Refuse a text that cannot be written: JSON may hold half a character.

    Args:
        text: From a file of JSON.
        what: What of a question it is.

    Raises:
        ValueError: If it holds half a surrogate pair.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{what} holds half a surrogate pair, which is no character and cannot be written"
        ) from error
