"""Assertions for tests of programs that build on docsearch.

    assert_same_dag(run, other)         two recorded runs did the same, step by step
    assert_within_budget(run)           a recorded run kept every limit, counted anew
    assert_quotes_stand(result, root)   each quote of a result is in its file, on its lines

A run is the path of an exported file, or the ``.docsearch`` folder and a run id. A result is the
parsed JSON of ``docsearch ask --json``. What fails is an ``AssertionError`` that says what differs;
a run that does not exist, or whose record is damaged, is a ``DocsearchError``.

Nothing here needs pytest, and importing it loads nothing heavy.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docsearch_cli.runs.certificate import CertificateLine
    from docsearch_cli.runs.step_row import StepRow
    from docsearch_cli.runs.store import RunStore
    from docsearch_cli.runs.trace import Trace

__all__ = ["assert_quotes_stand", "assert_same_dag", "assert_within_budget"]

RecordedRun = str | os.PathLike[str] | tuple[str | os.PathLike[str], str]
"""The path of an exported run, or the ``.docsearch`` folder and a run id (or its first characters).
"""

# Differing fields, broken limits or quotes that one message names.
_MOST_NAMED = 5
# A value longer than this is cut in a message.
_MOST_VALUE_CHARS = 100


def assert_same_dag(run: RecordedRun, other: RecordedRun) -> None:
    """Assert that two runs took the same steps, with the same outputs, and gave the same answer.

    Ids, times, attempts, caches and the number of workers may differ.

    Args:
        run: One run.
        other: The run to compare it with.

    Raises:
        AssertionError: If they differ; the message names the first step and field that do.
    """
    from docsearch_cli.runs.certificate import answer_digest, dag_digest
    from docsearch_cli.runs.trace import fixed_output, read_trace

    with _opened(run) as one_store, _opened(other) as other_store:
        one, two = read_trace(one_store), read_trace(other_store)
        if dag_digest(one.steps) != dag_digest(two.steps):
            raise AssertionError(_dag_difference(one_store, other_store))
        outputs = [
            fixed_output(store, trace, "aggregate") or b""
            for store, trace in ((one_store, one), (other_store, two))
        ]
        reasons = [str(trace.ending.get("stop_reason", "")) for trace in (one, two)]
        if answer_digest(outputs[0], reasons[0]) != answer_digest(outputs[1], reasons[1]):
            found = [json.loads(output) if output else None for output in outputs]
            values = [
                {"answer": answer, "stop_reason": reason}
                for answer, reason in zip(found, reasons, strict=True)
            ]
            fields = _fields(values[0], values[1], one, two)
            raise AssertionError(
                f"{_names(one, two)} took the same steps and ended differently:\n{fields}"
            )


def assert_within_budget(run: RecordedRun, **caps: int) -> None:
    """Assert that a run kept its limits, counted anew from its record, which is verified too.

    Args:
        run: The run.
        **caps: Tighter caps than the run's own, by the name of the limit: ``max_agents=6``.

    Raises:
        AssertionError: If a limit was passed; the message names each, what was used and the cap.
        ValueError: If a cap is of no limit that a run is held to.
    """
    from docsearch_cli.errors import RunCorruptError
    from docsearch_cli.runs.trace import read_trace
    from docsearch_cli.runs.verify import verify_run

    with _opened(run) as store:
        trace = read_trace(store)
        lines = _count(store, trace)
        unknown = set(caps) - {line.name for line in lines}
        if unknown:
            names = ", ".join(line.name for line in lines)
            raise ValueError(f"no limit is called {', '.join(sorted(unknown))}: use {names}")
        _refuse_broken(trace, lines, caps)
        try:
            certificate = verify_run(store).certificate
        except RunCorruptError as error:
            raise AssertionError(f"run {trace.run_id} cannot be verified: {error}") from error
        _refuse_broken(trace, certificate, caps)


def assert_quotes_stand(result: Mapping[str, Any], root: str | os.PathLike[str]) -> None:
    """Assert that each quote of a result is in its file, character by character, on its lines.

    A quote from a PDF is looked up in the text of its page.

    Args:
        result: The parsed JSON of ``docsearch ask --json``, or its ``data``.
        root: The folder that was indexed; with several, the one that holds them under their names.

    Raises:
        AssertionError: If a quote is not there, or the result has none; the message names each
            quote with its file and lines.
    """
    data = result.get("data", result)
    evidence = (data or {}).get("evidence")
    if not evidence:
        raise AssertionError("the result has no quotes")
    wrong = [text for item in evidence if (text := _quote_fault(item, Path(root)))]
    if wrong:
        shown = "\n".join(f"  {text}" for text in wrong[:_MOST_NAMED])
        raise AssertionError(f"{len(wrong)} of {len(evidence)} quotes do not stand:\n{shown}")


@contextmanager
def _opened(run: RecordedRun) -> Iterator[RunStore]:
    from docsearch_cli.errors import RunNotFoundError
    from docsearch_cli.runs.catalog import is_export, opened_run

    home, wanted = run if isinstance(run, tuple) else (".", os.fspath(run))
    if not isinstance(run, tuple) and not is_export(wanted):
        raise RunNotFoundError(
            f"{wanted} is not an exported run",
            hint="docsearch runs export RUN writes one; or give (home, run id)",
        )
    with opened_run(Path(home), wanted) as store:
        yield store


def _names(one: Trace, two: Trace) -> str:
    return f"run {one.run_id} and run {two.run_id}"


def _dag_difference(one_store: RunStore, other_store: RunStore) -> str:
    """Return the first step that differs, its fields, and the settings that do."""
    from docsearch_cli.runs.diff import diff_runs
    from docsearch_cli.runs.trace import read_trace

    one, two = read_trace(one_store), read_trace(other_store)
    differing = [
        f"  {item.field}: {_short(item.recorded)} -> {_short(item.now)}"
        for item in diff_runs(one_store, other_store).settings
    ]
    settings = "\n".join(["\ntheir settings differ:", *differing]) if differing else ""
    pairs = zip(one.steps, two.steps, strict=False)
    for number, (left, right) in enumerate(pairs, start=1):
        values = [_step_facts(left), _step_facts(right)]
        for name in ("input", "output"):
            if values[0] == values[1] and getattr(left, name) != getattr(right, name):
                values = [
                    {name: _value(store, getattr(row, name))}
                    for store, row in ((one_store, left), (other_store, right))
                ]
        if values[0] != values[1]:
            fields = _fields(values[0], values[1], one, two)
            return f"{_names(one, two)} differ first at step {number}:\n{fields}{settings}"
    shorter, longer = sorted((one, two), key=lambda trace: len(trace.steps))
    row = longer.steps[len(shorter.steps)]
    node = row.planned.subject if row.planned is not None else row.id
    return (
        f"{_names(one, two)} differ first at step {len(shorter.steps) + 1}:"
        f"\n  run {longer.run_id} opened {node}, run {shorter.run_id} had ended{settings}"
    )


def _step_facts(row: StepRow) -> dict[str, Any]:
    planned = asdict(row.planned) if row.planned is not None else {}
    return {**planned, "function": row.function, "status": row.status}


def _value(store: RunStore, blob: str | None) -> Any:
    return json.loads(store.blob(blob)) if blob is not None else None


def _fields(left: Any, right: Any, one: Trace, two: Trace) -> str:
    from docsearch_cli.runs.differences import find_differences

    found = find_differences(left, right)
    lines = [
        f"  {item.field}: {_short(item.recorded)} in {one.run_id},"
        f" {_short(item.now)} in {two.run_id}"
        for item in found[:_MOST_NAMED]
    ]
    more = len(found) - len(lines)
    return "\n".join([*lines, f"  and {more} more fields"] if more else lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_VALUE_CHARS else f"{text[: _MOST_VALUE_CHARS - 3]}..."


def _count(store: RunStore, trace: Trace) -> list[CertificateLine]:
    """Return what a run used as its record has it, whether or not the record is sound.

    The frontier and the time are left to the verification: the record has no count of them.
    """
    from docsearch_cli.runs.canonical import making_sense
    from docsearch_cli.runs.certificate import certify
    from docsearch_cli.runs.limits import schedule_of
    from docsearch_cli.runs.trace import fixed_output

    with making_sense():
        tokens = {
            row.number or 0: int(_value(store, row.output)["tokens_read"])
            for row in trace.steps
            if row.output is not None
        }
        answer = fixed_output(store, trace, "aggregate")
        return certify(
            trace.steps,
            tokens,
            schedule_of(trace).widest,
            frontier_peak=0,
            tokens_returned=int(json.loads(answer)["tokens_returned"]) if answer else 0,
            explore_s=0,
        )


def _refuse_broken(trace: Trace, lines: Sequence[CertificateLine], caps: Mapping[str, int]) -> None:
    used = [(line.name, line.used, min(line.cap, caps.get(line.name, line.cap))) for line in lines]
    broken = [
        f"  {name}: used {amount:,g}, cap {cap:,g}" for name, amount, cap in used if amount > cap
    ]
    if broken:
        raise AssertionError("\n".join([f"run {trace.run_id} passed its limits:", *broken]))


@dataclass(frozen=True, slots=True)
class _Quote:
    """One piece of evidence, as the lookup in files takes it."""

    path: str
    line_start: int
    line_end: int
    quote: str
    paged: bool


def _quote_fault(item: Mapping[str, Any], root: Path) -> str:
    """Return what is wrong with a piece of evidence; empty if it stands."""
    from docsearch_cli.corpus.formats.suffixes import suffix_of
    from docsearch_cli.corpus.formats.table import (
        PLAIN_TEXT,
        format_named,
        format_of_suffix,
        is_paged,
    )
    from docsearch_cli.index.freshness import is_in_its_place

    form = format_of_suffix(suffix_of(item["path"])) or format_named(PLAIN_TEXT)
    paged = is_paged(form.name)
    quote = _Quote(item["path"], item["line_start"], item["line_end"], item["quote"], paged)
    unit = f"{form.unit}s"
    place = f"{quote.path}, {unit} {quote.line_start}-{quote.line_end}: {_short(quote.quote)}"
    file = root / quote.path
    if not file.resolve().is_relative_to(root.resolve()):
        return f"{place} is outside {root}"
    try:
        data = file.read_bytes()
    except OSError as error:
        return f"{place} cannot be looked up: {error.strerror}"
    is_native = form.is_native
    stands = _is_on_its_page(file, root, quote) if is_native else is_in_its_place(data, quote, form)
    return "" if stands else f"{place} is not there"


def _is_on_its_page(file: Path, root: Path, quote: _Quote) -> bool:
    from docsearch_cli.corpus.formats.readers import read
    from docsearch_cli.corpus.walk.found_files import FoundFile
    from docsearch_cli.models import Document

    stat = file.stat()
    document = read(
        FoundFile(
            path=quote.path,
            location=str(file),
            root=root,
            size_bytes=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            ctime_ns=stat.st_ctime_ns,
            inode=stat.st_ino,
        )
    )
    return isinstance(document, Document) and any(
        section.line_start == quote.line_start and quote.quote in section.text
        for section in document.sections
    )
