"""A recorded run as a trace for OpenTelemetry: one span for each step, links for lineage.

    invoke_workflow docsearch         the run
      intent, plan                    steps that every search has
      invoke_agent local              a step that opened a node, linked to what proposed it
        attempt 1, attempt 2          where it took more than one
        chat gpt-4o-mini              a request to a language model
      aggregate

Attributes are those of the semantic conventions for generative AI where they fit, and
``docsearch.*`` elsewhere. A trace is sent to other systems, so the words of the question, of
documents and of a model are only in it if they are asked for; numbers and states always are, and
paths and other names if they are spelled as names are, without spaces.

Where the record does not say when something began, it is laid out behind what came before it, and
``docsearch.time`` says so.

Source:
    OpenTelemetry, "Semantic Conventions for Generative AI", 1.41 (in development).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.step_summary import StepSummary
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.otlp_json import (
    AttributeValue,
    Link,
    Resource,
    Span,
    SpanEvent,
    otlp_line,
    span_id_of,
    trace_id_of,
)
from docsearch_cli.runs.picture import RunPicture
from docsearch_cli.runs.step_row import AttemptRow, ExchangeRow, StepRow
from docsearch_cli.runs.step_values import read_decision, read_view
from docsearch_cli.runs.store import RunStore

SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0"
_NAME = "docsearch"
# Steps that every search has, and what the conventions call them, where they have a word.
_OPERATIONS = {"plan": "plan"}
# What a run takes is bounded by hours; a record that says more is not one of ours.
_MOST_MS = 1e11
# What may be a path, a kind, a function, a model: a record or a server might put a text there.
_IS_NAME = re.compile(r"[\w.@:/#+~-]{1,255}")

_Values = dict[str, AttributeValue | None]


@dataclass(frozen=True, slots=True)
class _Times:
    """When something ran, in milliseconds since the run began."""

    start: float
    end: float
    how: str
    """``recorded``, ``laid_out``, or ``attempt`` for what ran some time within one."""

    def attributes(self) -> _Values:
        """Return what is said of them."""
        return {"docsearch.time": self.how}


def export_otlp(store: RunStore, picture: RunPicture, *, with_text: bool = False) -> bytes:
    """Return a run as a line of OTLP in JSON.

    Args:
        store: The run's record, of which every hash was checked.
        picture: What it holds.
        with_text: Whether the words of question, documents and model are in it.

    Returns:
        The line; the same record gives the same bytes.

    Raises:
        RunCorruptError: If the record makes no sense.
    """
    with making_sense():
        return _Exporter(store, picture, with_text).line()


class _Exporter:
    """Makes the spans of one run."""

    def __init__(self, store: RunStore, picture: RunPicture, with_text: bool) -> None:
        self._store = store
        self._trace = picture.trace
        self._summaries = {step.id: step for step in picture.steps}
        self._with_text = with_text
        self._run_id = picture.run_id
        self._trace_id = trace_id_of(picture.run_id)
        self._root_id = span_id_of(picture.run_id, "run")
        self._began_ns = _nanoseconds(self._trace.facts["created_at"])

    def line(self) -> bytes:
        """Return all of it."""
        times = self._lay_out()
        spans = [span for row in self._trace.all_steps() for span in self._step(row, times[row.id])]
        end = max((item.end for item in times.values()), default=0.0)
        end = max(end, 1000 * float(self._trace.ending.get("seconds", 0.0)))
        spans.insert(0, self._root(end))
        version = str(self._trace.facts["version"])
        if not self._with_text:
            spans = [_of_names_alone(span) for span in spans]
            version = _name_or(version, "")
        return otlp_line(Resource(_NAME, version), self._trace_id, spans, schema_url=SCHEMA_URL)

    def _ns(self, since_ms: float) -> int:
        """Return a moment of the run; hostile numbers are no moments."""
        if not (math.isfinite(since_ms) and 0 <= since_ms <= _MOST_MS):
            raise RunCorruptError(f"run {self._run_id} has a step at {since_ms} ms")
        return self._began_ns + round(since_ms * 1e6)

    def _lay_out(self) -> dict[str, _Times]:
        """Return when each step ran: as recorded, else one behind the other."""
        found: dict[str, _Times] = {}
        after = 0.0
        for row in self._trace.all_steps():
            start, how = row.started_ms, "recorded"
            if start is None:
                parent = row.planned.parent if row.planned is not None else None
                before = found[self._trace.step(parent).id].end if parent is not None else after
                start, how = (before if not row.attempts else max(after, before)), "laid_out"
            end = max([start + row.elapsed_ms, *map(_end_of, row.attempts)])
            found[row.id] = _Times(start, end, how)
            after = max(after, end)
        return found

    def _root(self, end: float) -> Span:
        trace, ending = self._trace, self._trace.ending
        budget: dict[str, Any] = ending.get("budget", {})
        attributes: _Values = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": _NAME,
            "docsearch.run.id": self._run_id,
            "docsearch.run.status": trace.status,
            "docsearch.run.stop_reason": ending.get("stop_reason"),
            "docsearch.agent": trace.agent,
            "docsearch.engine": str(trace.latest["engine"]),
            "docsearch.index": str(trace.facts["index"]),
            **{f"docsearch.budget.{name}": int(value) for name, value in sorted(budget.items())},
            "docsearch.time": "recorded",
        }
        if self._with_text:
            attributes["docsearch.question"] = str(trace.facts["question"])
        links = []
        fork = trace.facts.get("fork")
        if fork is not None:
            source = str(fork["run"])
            attributes["docsearch.fork.of"] = source
            links.append(self._link(source, "fork", "run"))
        events = [
            SpanEvent("docsearch.resumed", _nanoseconds(item["created_at"]), {})
            for item in trace.resumed
        ]
        return Span(
            name=f"invoke_workflow {_NAME}",
            span_id=self._root_id,
            parent_id="",
            start_ns=self._began_ns,
            end_ns=self._ns(end),
            attributes=attributes,
            links=links,
            events=events,
            failed=ending.get("stop_reason") == "failures",
        )

    def _step(self, row: StepRow, times: _Times) -> Iterator[Span]:
        """Yield the span of a step, and those of what happened in it."""
        summary = self._summaries.get(row.id)
        attributes = times.attributes() | self._facts(row)
        name = row.kind
        if summary is not None:
            name = f"invoke_agent {self._trace.agent}"
            attributes |= self._opened(row, summary)
        elif row.kind in _OPERATIONS:
            attributes["gen_ai.operation.name"] = _OPERATIONS[row.kind]
        is_failed = row.status not in ("ok", "degraded", "running")
        span_id = self._span_id(row)
        yield Span(
            name=name,
            span_id=span_id,
            parent_id=self._root_id,
            start_ns=self._ns(times.start),
            end_ns=self._ns(times.end),
            attributes=attributes,
            links=list(self._lineage(row)),
            failed=is_failed,
            message=row.error if self._with_text and is_failed else "",
        )
        begun = times.start
        within: dict[int, tuple[str, _Times]] = {}
        for attempt in row.attempts:
            at = _times_of(attempt, begun)
            begun = at.end
            within[attempt.number] = span_id, at
            if len(row.attempts) > 1:
                made = self._attempt(row, attempt, at, span_id)
                within[attempt.number] = made.span_id, at
                yield made
        for exchange in row.exchanges:
            parent_id, at = within.get(exchange.attempt, (span_id, times))
            yield self._exchange(row, exchange, at, parent_id)

    def _facts(self, row: StepRow) -> _Values:
        """Return what is said of every step."""
        only = row.attempts[0] if len(row.attempts) == 1 else None
        return {
            "docsearch.step.id": row.id,
            "docsearch.step.kind": row.kind,
            "docsearch.step.status": row.status,
            "docsearch.step.origin": row.origin,
            "docsearch.step.attempts": len(row.attempts),
            "docsearch.step.function": row.made_by,
            "docsearch.worker": only.worker if only is not None else None,
            "docsearch.log": self._log(only) if only is not None else None,
            "error.type": row.attempts[-1].status if row.error and row.attempts else None,
        }

    def _log(self, attempt: AttemptRow) -> str | None:
        """Return what an attempt wrote, if words are wanted and there are any."""
        if not (self._with_text and attempt.log):
            return None
        return self._store.blob(attempt.log).decode("utf-8", "replace")

    def _opened(self, row: StepRow, summary: StepSummary) -> _Values:
        """Return what is said of a step that opened a node."""
        assert row.planned is not None  # it has a summary
        found: _Values = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": self._trace.agent,
            "docsearch.step.number": summary.number,
            "docsearch.node": summary.node,
            "docsearch.path": summary.path,
            "docsearch.depth": summary.depth,
            "docsearch.priority": float(row.planned.priority),
            "docsearch.edge": summary.edge,
            "docsearch.edge.line": summary.edge_line or None,
            "docsearch.decision": summary.decision if row.has_ended else None,
            "docsearch.score": float(summary.score),
            "docsearch.tokens_read": summary.tokens_read,
            "docsearch.follows": summary.follows,
        }
        if self._with_text:
            decision = read_decision(self._store, row)
            evidence = decision.evidence if decision is not None else ()
            found |= {
                "docsearch.title": read_view(self._store, row).title,
                "docsearch.edge.text": summary.edge_text or None,
                "docsearch.reason": summary.reason,
                "docsearch.quotes": [item.text for item in evidence],
            }
        return found

    def _lineage(self, row: StepRow) -> Iterator[Link]:
        """Yield links to the steps that a step follows from."""
        if row.planned is not None and row.planned.parent is not None:
            parent = self._trace.step(row.planned.parent)
            yield Link(self._trace_id, self._span_id(parent), {"docsearch.link": "proposed_by"})
        for drop in row.proposed_by:
            if drop.parent is not None:
                other = self._span_id(self._trace.step(drop.parent))
                yield Link(self._trace_id, other, {"docsearch.link": "proposed_too"})
        fork = self._trace.facts.get("fork")
        if fork is not None and row.origin == "fork" and row.number is not None:
            yield self._link(str(fork["run"]), "same_step", "step", row.number)

    def _link(self, run_id: str, why: str, *place: str | int) -> Link:
        return Link(trace_id_of(run_id), span_id_of(run_id, *place), {"docsearch.link": why})

    def _span_id(self, row: StepRow) -> str:
        if row.number is not None:
            return span_id_of(self._run_id, "step", row.number)
        return span_id_of(self._run_id, "fixed", row.id)

    def _attempt(self, row: StepRow, attempt: AttemptRow, at: _Times, parent_id: str) -> Span:
        attributes: _Values = at.attributes() | {
            "docsearch.step.id": row.id,
            "docsearch.attempt.status": attempt.status,
            "docsearch.step.function": attempt.function or None,
            "docsearch.worker": attempt.worker,
            "docsearch.log": self._log(attempt),
            "error.type": attempt.status if attempt.status != "ok" else None,
        }
        return Span(
            name=f"attempt {attempt.number}",
            span_id=span_id_of(self._run_id, "attempt", row.id, attempt.number),
            parent_id=parent_id,
            start_ns=self._ns(at.start),
            end_ns=self._ns(at.end),
            attributes=attributes,
            failed=attempt.status != "ok",
            message=attempt.error if self._with_text else "",
        )

    def _exchange(self, row: StepRow, exchange: ExchangeRow, at: _Times, parent_id: str) -> Span:
        """Return the span of a request to a model; it ran some time within its attempt."""
        request = json.loads(self._store.blob(exchange.input))
        reply = json.loads(self._store.blob(exchange.output)) if exchange.output else {}
        provider, _, model = str(request["model"]).partition(":")
        attributes: _Values = {
            "docsearch.time": "attempt",
            "docsearch.step.id": row.id,
            "docsearch.request.number": exchange.number,
            "docsearch.request.origin": exchange.origin,
            "docsearch.request.charged_micro_usd": exchange.charged.micro_usd,
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": model,
            "gen_ai.request.max_tokens": int(request["max_output_tokens"]),
            "gen_ai.response.model": reply.get("model"),
            "gen_ai.response.finish_reasons": [str(reply["finish_reason"])] if reply else None,
            "gen_ai.usage.input_tokens": reply.get("input_tokens"),
            "gen_ai.usage.output_tokens": reply.get("output_tokens"),
        }
        if self._with_text:
            messages = [(item["role"], item["text"]) for item in request["messages"]]
            attributes["gen_ai.input.messages"] = _messages(messages)
            if reply:
                said = [("assistant", str(reply["text"]))]
                attributes["gen_ai.output.messages"] = _messages(said)
        is_failed = bool(exchange.error)
        return Span(
            name=f"chat {model}",
            span_id=span_id_of(self._run_id, "request", exchange.number),
            parent_id=parent_id,
            start_ns=self._ns(at.start),
            end_ns=self._ns(at.end),
            attributes=attributes | {"error.type": "_OTHER" if is_failed else None},
            kind="client",
            failed=is_failed,
            message=exchange.error if self._with_text else "",
        )


def _of_names_alone(span: Span) -> Span:
    """Return a span without the texts that are no names."""
    operation, _, what = span.name.partition(" ")
    return replace(
        span,
        name=f"{_name_or(operation, 'step')} {_name_or(what, '')}".rstrip(),
        attributes={
            key: value
            for key, value in span.attributes.items()
            if isinstance(value, bool | int | float | None)
            or all(map(_IS_NAME.fullmatch, [value] if isinstance(value, str) else value))
        },
    )


def _name_or(text: str, otherwise: str) -> str:
    return text if _IS_NAME.fullmatch(text) else otherwise


def _messages(turns: list[tuple[str, str]]) -> str:
    """Return messages as the conventions have them, in JSON."""
    return json.dumps(
        [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in turns],
        ensure_ascii=False,
    )


def _end_of(attempt: AttemptRow) -> float:
    return (attempt.started_ms or 0.0) + attempt.elapsed_ms if attempt.started_ms is not None else 0


def _times_of(attempt: AttemptRow, begun: float) -> _Times:
    """Return when an attempt ran: as recorded, else behind what came before it."""
    if attempt.started_ms is None:
        return _Times(begun, begun + attempt.elapsed_ms, "laid_out")
    return _Times(attempt.started_ms, attempt.started_ms + attempt.elapsed_ms, "recorded")


def _nanoseconds(stamp: str) -> int:
    """Return a recorded time, ``2026-11-30T14:05:00Z``, in nanoseconds since 1970."""
    moment = datetime.fromisoformat(stamp)
    seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    if not 0 <= seconds < 2**33:
        raise ValueError(f"{stamp} is no time of a run")
    return round(seconds) * 1_000_000_000
