"""A trace is one that OpenTelemetry's own protobuf definition takes, and tells the run."""

import base64
import json
import re
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.otlp import export_otlp
from docsearch_cli.runs.otlp_json import (
    Link,
    Resource,
    SpanEvent,
    otlp_line,
    span_id_of,
    trace_id_of,
)
from docsearch_cli.runs.otlp_json import Span as OurSpan
from docsearch_cli.runs.picture import picture_run
from docsearch_cli.steps import Drop
from tests.support import REPOSITORY

RECORDS = REPOSITORY / "tests" / "fixtures" / "records"
READABLE = sorted(
    path.relative_to(RECORDS).as_posix()
    for path in RECORDS.rglob("*.docsearch-run")
    if path.parent.name not in ("damaged", "06a4d97")
)
NEWEST = "796b7ea/complete.docsearch-run"


def parsed(line):
    """Return a line as the official definition has it: protobuf's JSON has ids in base64."""
    document = json.loads(line)

    def in_base64(value):
        if isinstance(value, dict):
            return {
                key: base64.b64encode(bytes.fromhex(item)).decode()
                if key in ("traceId", "spanId", "parentSpanId")
                else in_base64(item)
                for key, item in value.items()
            }
        return [in_base64(item) for item in value] if isinstance(value, list) else value

    return json_format.ParseDict(in_base64(document), TracesData())


def spans_of(line):
    (resource,) = parsed(line).resource_spans
    (scope,) = resource.scope_spans
    return list(scope.spans)


def values_of(holder):
    found = {}
    for item in holder.attributes:
        kind = item.value.WhichOneof("value")
        value = getattr(item.value, kind)
        found[item.key] = (
            [part.string_value for part in value.values] if kind == "array_value" else value
        )
    return found


def exported(tmp_path, name, **options):
    with opened_run(tmp_path, str(RECORDS / name)) as store:
        return export_otlp(store, picture_run(tmp_path, store), **options), picture_run(
            tmp_path, store
        )


@pytest.mark.parametrize("name", READABLE)
def test_every_record_becomes_a_trace(tmp_path, name):
    line, picture = exported(tmp_path, name)
    spans = spans_of(line)
    ids = [span.span_id for span in spans]
    root, *others = spans

    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert len(set(ids)) == len(ids)
    assert {len(name) for name in ids} == {8}
    assert {span.trace_id.hex() for span in spans} == {trace_id_of(picture.run_id)}
    assert root.parent_span_id == b""
    assert all(span.parent_span_id in ids for span in others)
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in spans)
    assert all(span.start_time_unix_nano >= root.start_time_unix_nano for span in others)
    assert all(span.end_time_unix_nano <= root.end_time_unix_nano for span in others)
    assert root.start_time_unix_nano > 10**18
    agents = [span for span in spans if span.name == "invoke_agent local"]
    assert len(agents) == len(picture.steps)
    links = [link for span in spans for link in span.links]
    assert all(
        link.span_id in ids for link in links if link.trace_id.hex() == trace_id_of(picture.run_id)
    )


def test_a_step_says_what_became_of_it(tmp_path):
    line, picture = exported(tmp_path, NEWEST)
    by_number = {values_of(s).get("docsearch.step.number"): s for s in spans_of(line)}

    for step in picture.steps:
        span = by_number[step.number]
        values = values_of(span)
        assert span.span_id.hex() == span_id_of(picture.run_id, "step", step.number)
        assert span.kind == Span.SPAN_KIND_INTERNAL
        assert values["gen_ai.operation.name"] == "invoke_agent"
        assert values["gen_ai.agent.name"] == "local"
        assert (values["docsearch.node"], values["docsearch.decision"]) == (
            step.node,
            step.decision,
        )
        assert values["docsearch.tokens_read"] == step.tokens_read
        parents = [
            link.span_id
            for link in span.links
            if values_of(link) == {"docsearch.link": "proposed_by"}
        ]
        assert parents == ([by_number[step.parent].span_id] if step.parent else [])
    assert any(step.parent for step in picture.steps)


def test_times_are_those_of_the_record(tmp_path):
    line, picture = exported(tmp_path, NEWEST)
    by_id = {values_of(span).get("docsearch.step.id"): span for span in spans_of(line)}
    began = spans_of(line)[0].start_time_unix_nano

    for row in picture.trace.steps:
        span = by_id[row.id]
        assert values_of(span)["docsearch.time"] == "recorded"
        assert span.start_time_unix_nano - began == pytest.approx(row.started_ms * 1e6, abs=1)
        took = span.end_time_unix_nano - span.start_time_unix_nano
        assert took == pytest.approx(row.elapsed_ms * 1e6, abs=2)


def test_a_record_without_times_is_laid_out_and_says_so(tmp_path):
    line, picture = exported(tmp_path, "bebb1cb/complete.docsearch-run")
    steps = [span for span in spans_of(line) if "docsearch.step.number" in values_of(span)]
    by_id = {span.span_id: span for span in steps}

    assert {values_of(span)["docsearch.time"] for span in steps} == {"laid_out"}
    for span in steps:
        for link in span.links:
            assert by_id[link.span_id].end_time_unix_nano <= span.start_time_unix_nano or (
                values_of(link)["docsearch.link"] == "proposed_too"
            )
    assert [values_of(span)["docsearch.step.number"] for span in steps] == [
        step.number for step in picture.steps
    ]


def test_a_fork_is_linked_to_the_run_it_was_forked_from(tmp_path):
    line, picture = exported(tmp_path, "796b7ea/fork.docsearch-run")
    source = picture.trace.facts["fork"]["run"]
    spans = spans_of(line)
    kept = [
        (values_of(span)["docsearch.step.number"], link)
        for span in spans
        for link in span.links
        if values_of(link) == {"docsearch.link": "same_step"}
    ]

    assert spans[0].links[0].trace_id.hex() == trace_id_of(source)
    assert spans[0].links[0].span_id.hex() == span_id_of(source, "run")
    assert kept
    for number, link in kept:
        assert link.trace_id.hex() == trace_id_of(source)
        assert link.span_id.hex() == span_id_of(source, "step", number)


def test_a_resumed_run_says_when(tmp_path):
    line, picture = exported(tmp_path, "796b7ea/resumed.docsearch-run")
    events = spans_of(line)[0].events

    assert [event.name for event in events] == ["docsearch.resumed"] * len(picture.trace.resumed)


def test_words_are_in_it_only_if_they_are_asked_for(tmp_path):
    without, picture = exported(tmp_path, NEWEST)
    with_text, _ = exported(tmp_path, NEWEST, with_text=True)
    question = picture.trace.facts["question"]
    secret = [question, *(step.reason for step in picture.steps if step.reason)]
    secret += [step.edge_text for step in picture.steps if step.edge_text]

    for words in secret:
        spelled = json.dumps(words, ensure_ascii=False).encode()
        assert spelled not in without
        assert spelled in with_text
    assert b"docsearch.quotes" not in without
    quotes = [
        quote
        for span in spans_of(with_text)
        for quote in values_of(span).get("docsearch.quotes", [])
    ]
    assert quotes
    assert not any(json.dumps(quote, ensure_ascii=False).encode() in without for quote in quotes)


def with_first_step(picture, **values):
    """The run with other facts of its first opened step."""
    first, *others = picture.trace.steps
    return replace(picture, trace=replace(picture.trace, steps=(replace(first, **values), *others)))


@pytest.mark.parametrize("with_text", [True, False])
def test_what_a_step_wrote_is_among_the_words(tmp_path, with_text):
    with opened_run(tmp_path, str(RECORDS / NEWEST)) as store:
        picture = picture_run(tmp_path, store)
        (attempt,) = picture.trace.steps[0].attempts
        logged = replace(attempt, log=picture.trace.steps[0].output)
        line = export_otlp(store, with_first_step(picture, attempts=(logged,)), with_text=with_text)

    assert any("docsearch.log" in values_of(span) for span in spans_of(line)) == with_text


def test_a_text_in_the_place_of_a_name_is_left_out(tmp_path):
    secret = "the words of a person"
    with opened_run(tmp_path, str(RECORDS / NEWEST)) as store:
        picture = picture_run(tmp_path, store)
        first, *others = picture.steps
        forged = replace(first, edge=secret, decision=secret, node=secret, path=secret)
        (attempt,) = picture.trace.steps[0].attempts
        picture = replace(
            with_first_step(
                picture, kind=secret, attempts=(replace(attempt, function=secret),), function=secret
            ),
            steps=(forged, *others),
        )
        line = export_otlp(store, picture)

    assert "words of" not in line.decode()


@pytest.mark.parametrize("name", READABLE)
def test_nothing_is_left_out_of_a_record_of_ours(tmp_path, name):
    without, with_text = (
        spans_of(exported(tmp_path, name, with_text=with_text)[0]) for with_text in (False, True)
    )
    words = re.compile(
        r"docsearch\.(title|reason|quotes|question|log|edge\.text)"
        r"|gen_ai\.(input|output)\.messages"
    )

    assert [span.name for span in without] == [span.name for span in with_text]
    for span, full in zip(without, with_text, strict=True):
        kept = {key for key in values_of(full) if not words.fullmatch(key)}
        assert set(values_of(span)) == kept


def test_what_the_plan_itself_proposed_again_is_no_link(tmp_path):
    with opened_run(tmp_path, str(RECORDS / NEWEST)) as store:
        picture = picture_run(tmp_path, store)
        subject = picture.trace.steps[0].planned.subject
        by_plan, by_step = (Drop(parent, 0, subject, "duplicate", 0.5) for parent in (None, 2))
        one, both = (
            export_otlp(store, with_first_step(picture, proposed_by=drops))
            for drops in ((by_step,), (by_plan, by_step))
        )

    assert both == one


def test_the_same_record_gives_the_same_bytes(tmp_path):
    assert exported(tmp_path, NEWEST)[0] == exported(tmp_path, NEWEST)[0]


def test_the_program_of_the_docs_sends_a_trace(tmp_path):
    """It is run as it stands there, against a server that keeps what it is sent."""
    page = (REPOSITORY / "docs" / "traces.md").read_text("utf-8")
    (tmp_path / "send.py").write_text(re.search("```python\n(.*?)```", page, re.S)[1])
    line, _ = exported(tmp_path, NEWEST)
    (tmp_path / "trace.jsonl").write_bytes(line)
    bodies = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.headers["Content-Type"] == "application/x-protobuf"
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Keeper) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1/traces"
        command = [sys.executable, "send.py", "trace.jsonl", address]
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60)

    assert TracesData.FromString(bodies[0]) == parsed(line)


def test_requests_to_a_model_are_spans_of_a_client(asking_record, tmp_path):
    line = export_otlp(asking_record, picture_run(tmp_path, asking_record))
    with_text = export_otlp(asking_record, picture_run(tmp_path, asking_record), with_text=True)
    chats = [span for span in spans_of(line) if span.name.startswith("chat ")]
    values = [values_of(span) for span in chats]

    assert chats
    assert all(span.kind == Span.SPAN_KIND_CLIENT for span in chats)
    assert {item["gen_ai.operation.name"] for item in values} == {"chat"}
    assert all(item["gen_ai.request.model"] and item["gen_ai.provider.name"] for item in values)
    assert any(item.get("gen_ai.usage.input_tokens") for item in values)
    assert {item["docsearch.time"] for item in values} == {"attempt"}
    assert b"gen_ai.input.messages" not in line
    messages = [
        json.loads(values_of(span)["gen_ai.input.messages"])
        for span in spans_of(with_text)
        if span.name.startswith("chat ")
    ]
    assert all(item["parts"][0]["type"] == "text" for turns in messages for item in turns)


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_moment_that_is_none_is_a_damaged_record(tmp_path, moment):
    from dataclasses import replace

    with opened_run(tmp_path, str(RECORDS / NEWEST)) as store:
        picture = picture_run(tmp_path, store)
        first = replace(picture.trace.steps[0], started_ms=moment)
        trace = replace(picture.trace, steps=(first, *picture.trace.steps[1:]))
        with pytest.raises(RunCorruptError):
            export_otlp(store, replace(picture, trace=trace))


@pytest.mark.parametrize("stamp", ["yesterday", "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", 7])
def test_a_time_that_is_none_is_a_damaged_record(tmp_path, stamp):
    from dataclasses import replace

    with opened_run(tmp_path, str(RECORDS / NEWEST)) as store:
        picture = picture_run(tmp_path, store)
        trace = replace(picture.trace, facts={**picture.trace.facts, "created_at": stamp})
        with pytest.raises(RunCorruptError):
            export_otlp(store, replace(picture, trace=trace))


def test_hostile_texts_and_every_kind_of_value_survive():
    hostile = 'a"b\\c\n</script>\x00\x1b[2J\u202e漢\ud800'
    span = OurSpan(
        name=hostile,
        span_id=span_id_of("r", "x"),
        parent_id="",
        start_ns=2**62,
        end_ns=2**62 + 1,
        attributes={
            "text": hostile, "yes": True, "number": -(2**60), "share": 0.25,
            "list": ["a", "b"], "none": None, "long": "x" * 100_000,
        },
        links=[Link(trace_id_of("q"), span_id_of("q", "run"), {"why": "w"})],
        events=[SpanEvent("e", 2**62, {"a": 1})],
        failed=True,
        message=hostile,
    )  # fmt: skip
    line = otlp_line(Resource("s", "1"), trace_id_of("r"), [span], schema_url="u")
    (found,) = spans_of(line)
    values = values_of(found)

    assert found.name == hostile.replace("\ud800", "?")
    assert values["text"] == hostile.replace("\ud800", "?")
    assert (values["yes"], values["number"], values["share"]) == (True, -(2**60), 0.25)
    assert values["list"] == ["a", "b"]
    assert "none" not in values
    assert re.fullmatch(r"x{32000}… \(68,000 more characters\)", values["long"])
    assert (found.start_time_unix_nano, found.end_time_unix_nano) == (2**62, 2**62 + 1)
    assert found.status.code == 2
    assert values_of(found.events[0]) == {"a": 1}
