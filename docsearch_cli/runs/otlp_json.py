"""Spans as OpenTelemetry's collector reads them from a file: one line of OTLP in JSON.

Ids are hex and whole numbers are strings, as OTLP has them; times are nanoseconds since 1970.

Source:
    OpenTelemetry, "OTLP Specification" (JSON Protobuf Encoding) and "Protocol File Exporter".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

AttributeValue = str | bool | int | float | Sequence[str]
Attributes = Mapping[str, AttributeValue | None]
"""One that is None is left out."""
SpanKind = Literal["internal", "client"]

_KIND_CODES: dict[SpanKind, int] = {"internal": 1, "client": 3}
_STATUS_ERROR = 2
# Longer texts are refused or cut by what receives them; here it is said that they are cut.
_MOST_CHARS = 32_000


@dataclass(frozen=True, slots=True)
class Link:
    """Another span that one follows from."""

    trace_id: str
    span_id: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened at a moment of a span."""

    name: str
    at_ns: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took time."""

    name: str
    span_id: str
    parent_id: str
    """Empty for the root."""
    start_ns: int
    end_ns: int
    attributes: Attributes
    kind: SpanKind = "internal"
    links: Sequence[Link] = ()
    events: Sequence[SpanEvent] = ()
    failed: bool = False
    message: str = ""
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Which program the spans are of."""

    name: str
    version: str
    attributes: Attributes = field(default_factory=dict)


def trace_id_of(run_id: str) -> str:
    """Return the id of a run's trace: 32 hex digits, the same wherever it is made."""
    return _digest("trace", run_id)[:32]


def span_id_of(run_id: str, *place: str | int) -> str:
    """Return the id of a span: 16 hex digits, the same wherever it is made.

    Args:
        run_id: The run.
        *place: What tells the span from others of the run, as ``"step", 3``.

    Returns:
        The id.
    """
    return _digest("span", run_id, *place)[:16]


def otlp_line(
    resource: Resource, trace_id: str, spans: Iterable[Span], *, schema_url: str
) -> bytes:
    """Return spans of one trace as a line of JSON.

    Args:
        resource: Which program they are of.
        trace_id: The trace.
        spans: Its spans.
        schema_url: Which version of the semantic conventions the attributes follow.

    Returns:
        The line, in UTF-8, with its end.
    """
    about = {"service.name": resource.name, "service.version": resource.version}
    document = {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({**about, **resource.attributes})},
                "scopeSpans": [
                    {
                        "scope": {"name": resource.name, "version": resource.version},
                        "spans": [_span(trace_id, span) for span in spans],
                        "schemaUrl": schema_url,
                    }
                ],
            }
        ]
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace") + b"\n"


def _span(trace_id: str, span: Span) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "name": _cut(span.name),
        "kind": _KIND_CODES[span.kind],
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": _attributes(span.attributes),
    }
    if span.events:
        found["events"] = [
            {
                "timeUnixNano": str(event.at_ns),
                "name": event.name,
                "attributes": _attributes(event.attributes),
            }
            for event in span.events
        ]
    if span.links:
        found["links"] = [
            {
                "traceId": link.trace_id,
                "spanId": link.span_id,
                "attributes": _attributes(link.attributes),
            }
            for link in span.links
        ]
    if span.failed:
        found["status"] = {"code": _STATUS_ERROR, "message": _cut(span.message)}
    return found


def _attributes(values: Attributes) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": _value(value)} for key, value in values.items() if value is not None
    ]


def _value(value: AttributeValue) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": _cut(value)}
    return {"arrayValue": {"values": [_value(item) for item in value]}}


def _cut(text: str) -> str:
    if len(text) <= _MOST_CHARS:
        return text
    return f"{text[:_MOST_CHARS]}… ({len(text) - _MOST_CHARS:,} more characters)"


def _digest(*parts: str | int) -> str:
    return sha256("\0".join(map(str, ("docsearch", *parts))).encode()).hexdigest()
