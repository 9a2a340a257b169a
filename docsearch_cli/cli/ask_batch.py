"""``docsearch ask --batch``: many questions of a file, a JSON line each.

A line of the file of answers is what ``ask --json`` prints for the question, with

    id        that of the question; null for a line of the questions file that is no question
    line      its line there, counted from 1
    asked     a hash of the question, the options and the index, by which it is known again

The JSON result's ``data``:

    questions     lines that are questions
    answered      of them, those that have an answer in the file now
    found         of these, those that the documents answer
    failed        questions whose search failed
    bad_lines     lines that are no question, each with ``line`` and ``reason``
    kept          answers that were in the file before
    out           the file
    seconds
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli import signals
from docsearch_cli.cli.output import Output, Reported, counted, envelope
from docsearch_cli.cli.progress import progress_bar
from docsearch_cli.errors import (
    EXIT_DONE,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_RUN_FAILED,
    ClusterError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docsearch_cli.batch.asking import Batch
    from docsearch_cli.batch.questions_file import BadLine, BatchQuestion
    from docsearch_cli.batch.results_file import ResultsFile
    from docsearch_cli.batch.whole_question import QuestionReply
    from docsearch_cli.search.result import AskOptions
    from docsearch_cli.search.session import Session

# As many bad lines are named one by one.
_NAMED_LINES = 10


def ask_file(
    output: Output, session: Session, questions: Path, out: Path | None, options: AskOptions
) -> None:
    """Ask the questions of a file that have no answer yet, and end with the batch's exit code.

    Args:
        output: Where the summary goes.
        session: The index.
        questions: The file of questions.
        out: The file of answers.
        options: How to search.

    Raises:
        UsageError: If there is no file of answers, or it is the one of questions.
        InputError: If a file cannot be read or written.
        Reported: If the batch ends with another code than 0.
    """
    from docsearch_cli.batch.asking import Batch
    from docsearch_cli.batch.questions_file import BatchQuestion, read_questions
    from docsearch_cli.batch.results_file import ResultsFile

    if out is None:
        raise UsageError(
            "--batch needs a file for the answers", hint="--out answers.jsonl, for example"
        )
    if out.resolve() == questions.resolve():
        raise UsageError(f"{out} would be overwritten", hint="name another file with --out")
    started = time.monotonic()
    batch = Batch(session.home, session.reader, options)
    batch.refuse_spending_elsewhere()
    found = read_questions(questions)
    asked = [item for item in found if isinstance(item, BatchQuestion)]
    bad = [item for item in found if not isinstance(item, BatchQuestion)]
    for item in bad[:_NAMED_LINES]:
        output.note(f"{questions}, line {item.line}: {item.reason}")
    if len(bad) > _NAMED_LINES:
        output.note(f"{counted(len(bad) - _NAMED_LINES, 'more line')} of {questions} not asked")
    with ResultsFile(out) as results:
        keys = {item.id: batch.key(item.question) for item in asked}
        rows = _known_rows(keys, results)
        kept = len(rows)
        pending = [item for item in asked if item.id not in rows]
        if kept:
            output.note(f"{counted(kept, 'answer')} of {len(asked):,} in {out} already")
        signals.end_gently()
        try:
            _ask_pending(output, batch, pending, results, rows, keys)
        except ClusterError as error:
            error.hint = f"{error.hint}; then the same command goes on where it stopped"
            raise
        is_whole = len(rows) == len(asked)
        if is_whole:
            results.put_in_order(_in_order(found, rows))
    summary = _summary(asked, bad, rows, out)
    summary |= {"kept": kept, "seconds": round(time.monotonic() - started, 3)}
    _report(output, summary, is_whole=is_whole)


def _known_rows(keys: Mapping[str, str], results: ResultsFile) -> dict[str, dict[str, Any]]:
    """Return the answers that are in the file, by the question's id.

    Args:
        keys: Of each question by its id, the hash by which it is known again.
        results: The file.

    Returns:
        The lines, without those that failed.

    Raises:
        UsageError: If it holds answers to other questions, or to these asked otherwise.
    """
    rows: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(results.lines, start=1):
        name = row["id"]
        if name is None:
            continue  # a line that was no question
        if keys.get(name) != row["asked"]:
            where = f"{results.path}, line {number}, is an answer from another batch"
            why = (
                f"question {name[:50]!r} was asked in other words, with other options, or of"
                " another index"
                if name in keys
                else f"no question here has the id {name[:50]!r}"
            )
            raise UsageError(
                f"{where}: {why}", hint="name another file with --out, or remove this one"
            )
        if row.get("status") != "error":  # what failed is asked again
            rows[name] = row
    return rows


def _ask_pending(
    output: Output,
    batch: Batch,
    pending: Sequence[BatchQuestion],
    results: ResultsFile,
    rows: dict[str, dict[str, Any]],
    keys: Mapping[str, str],
) -> None:
    from docsearch_cli.batch.asking import ask_batch
    from docsearch_cli.batch.results_file import BegunRun

    if not pending:
        return
    begun = {
        item.id: [run.run_id for run in results.runs.get(item.id, ()) if run.asked == keys[item.id]]
        for item in pending
    }
    if have_begun := sum(map(bool, begun.values())):
        output.note(f"{counted(have_begun, 'run')} had begun; each is continued if its record fits")
    with progress_bar(output, checks=False) as progress:
        progress("asking", 0, len(pending))
        replies = ask_batch(
            batch,
            pending,
            earlier_runs=begun,
            begins=lambda name, run_id: results.begin(name, BegunRun(run_id, keys[name])),
            stops=signals.was_asked_to_end,
        )
        for done, (question, reply) in enumerate(replies, start=1):
            rows[question.id] = _row(output, batch, question, reply, keys[question.id])
            results.add(rows[question.id])
            progress("asking", done, len(pending))


def _row(
    output: Output, batch: Batch, question: BatchQuestion, reply: QuestionReply, asked: str
) -> dict[str, Any]:
    """Return the line of a question: what ``ask --json`` prints, and whose it is."""
    from dataclasses import replace

    from docsearch_cli.search.result import check_result

    head = {"id": question.id, "line": question.line, "asked": asked}
    if reply.result is None:
        assert reply.error is not None
        fault = {
            "code": reply.error.code,
            "message": reply.error.message,
            "hint": reply.error.hint,
        }
        output.note(f"question {question.id}: {reply.error.message}")
        return head | envelope("ask", "error", reply.error.exit_code, None, [fault])
    result = reply.result
    if output.limit is not None:
        result = replace(result, findings=result.findings.first(output.limit))
    data = check_result(batch.index, result, context=output.context).to_dict()
    status = "success" if result.complete else "partial"
    return head | envelope("ask", status, result.exit_code, data)


def _in_order(
    found: Sequence[BatchQuestion | BadLine], rows: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the lines of the file of answers, in the order of the questions' lines."""
    from docsearch_cli.batch.questions_file import HINT, BadLine

    ordered: list[Mapping[str, Any]] = []
    for item in found:
        if isinstance(item, BadLine):
            fault = {"code": "input", "message": item.reason, "hint": HINT}
            head = {"id": None, "line": item.line, "asked": None}
            ordered.append(head | envelope("ask", "error", EXIT_INPUT, None, [fault]))
        else:
            ordered.append(rows[item.id])
    return ordered


def _summary(
    asked: Sequence[BatchQuestion],
    bad: Sequence[BadLine],
    rows: Mapping[str, Mapping[str, Any]],
    out: Path,
) -> dict[str, Any]:
    states = Counter(str(row["status"]) for row in rows.values())
    found = sum(bool(row["data"] and row["data"]["answer"]["found"]) for row in rows.values())
    return {
        "questions": len(asked),
        "answered": states["success"] + states["partial"],
        "found": found,
        "failed": states["error"],
        "bad_lines": [{"line": item.line, "reason": item.reason} for item in bad],
        "out": str(out),
    }


def _report(output: Output, summary: dict[str, Any], *, is_whole: bool) -> None:
    """Print what came of the batch, and end with its exit code."""
    code = EXIT_DONE
    if not is_whole:
        code = EXIT_INTERRUPTED
    elif summary["failed"]:
        code = EXIT_RUN_FAILED
    elif summary["bad_lines"]:
        code = EXIT_INPUT
    if output.as_json:
        output.result(summary, partial=code != EXIT_DONE, exit_code=code)
    else:
        output.show(
            f"{summary['answered']:,} of {counted(summary['questions'], 'question')} answered"
            f" ({summary['found']:,} found in the documents), {summary['failed']:,} failed,"
            f" {counted(len(summary['bad_lines']), 'bad line')}; {summary['seconds']:.1f} s"
        )
        output.show(f"answers: {summary['out']}")
    if not is_whole:
        output.note("suspended; the same command goes on where it stopped")
    if code != EXIT_DONE:
        raise Reported(code)
