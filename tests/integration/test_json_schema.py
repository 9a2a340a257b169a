"""What ``ask --json`` prints is what ``docs/schema/ask.schema.json`` says, no more and no less."""

import copy
import hashlib
import json
import re
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from docsearch_cli import errors
from docsearch_cli.explore.view import DecisionKind
from docsearch_cli.index.freshness import QuoteState
from docsearch_cli.runs.words import STOP_WORDS
from docsearch_cli.steps import StepStatus
from tests.support import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "docs" / "schema" / "ask.schema.json").read_text("utf-8"))
QUESTION = "how do retries and the buffer limit work together?"
ASKED = {
    "simple": (QUESTION, "--simple"),
    "deep": (QUESTION, "--deep", "--engine", "inline"),
    "deep, cut to its budget": (QUESTION, "--deep", "--engine", "inline", "--max-agents", "2"),
    "deep, clamped": (QUESTION, "--deep", "--engine", "inline", "--fan-out", "99"),
    "deep, no agents": (QUESTION, "--deep", "--engine", "inline", "--max-agents", "0"),
    "simple, with context": (QUESTION, "--simple", "-C", "2"),
    "dry run": (QUESTION, "--dry-run"),
    "history": ("--history",),
    "not found": ("Is the TLS library in Fenwick validated to FIPS 140-3?", "--simple"),
    "no words, simple": ("?!", "--simple"),
    "no words, deep": ("?!", "--deep", "--engine", "inline"),
    "usage error": (QUESTION, "--deep", "--simple"),
    "input error": (QUESTION, "--start", "nowhere.md"),
}


def closed(schema):
    """Return the schema without room for fields that it does not list."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        inner.setdefault("additionalProperties", False)
    return inner


OPEN, CLOSED = Draft202012Validator(SCHEMA), Draft202012Validator(closed(SCHEMA))


@pytest.fixture
def printed(inline, fenwick):
    """What a question prints, by the name of the case."""
    inline("ask", QUESTION, "--simple")  # so that there is a history
    return lambda case: inline("ask", *ASKED[case], "--json").document


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("case", ASKED)
def test_every_field_that_is_printed_is_described(printed, case):
    document = printed(case)

    assert [error.message for error in CLOSED.iter_errors(document)] == []


@pytest.mark.parametrize("case", ["simple", "deep"])
def test_every_field_that_is_described_is_printed(printed, case):
    document = printed(case)
    for name in SCHEMA["$defs"]["result"]["required"]:
        short = copy.deepcopy(document)
        del short["data"][name]

        assert not OPEN.is_valid(short), name


def fields(value):
    """Every field of a document by its place; of a list, those of its items."""
    if isinstance(value, dict):
        inner = (f"{key}.{name}" for key, item in value.items() for name in fields(item))
        return {*value, *inner}
    return {name for item in value for name in fields(item)} if isinstance(value, list) else set()


def test_the_fields_are_the_same_whatever_the_mode(inline, fenwick):
    modes = {
        "simple": ("--simple",),
        "deep": ("--deep", "--engine", "inline"),
        "auto": ("--engine", "inline"),
        "no agents": ("--deep", "--engine", "inline", "--max-agents", "0"),
    }
    asked = {mode: inline("ask", QUESTION, *words, "--json").data for mode, words in modes.items()}
    asked["look"] = inline("ask", "where is fan", "--engine", "inline", "--json").data
    asked["no words"] = inline("ask", "?!", "--json").data
    of_items = re.compile(r"(evidence|documents|steps|limits_reached)\.")

    known = {name for name in fields(asked["deep"]) if not of_items.match(name)}
    evidence = fields(asked["simple"]["evidence"][0])
    for mode, data in asked.items():
        assert {name for name in fields(data) if not of_items.match(name)} == known, mode
        for item in data["evidence"]:
            assert evidence <= fields(item), mode


def test_evidence_carries_the_hash_of_its_quote_and_of_its_file(inline, fenwick, fenwick_docs):
    for mode in ("--simple", "--deep"):
        evidence = inline("ask", QUESTION, mode, "--engine", "inline", "--json").data["evidence"]

        assert evidence
        for item in evidence:
            data = (fenwick_docs / item["path"]).read_bytes()
            quote = hashlib.sha256(item["quote"].encode()).hexdigest()
            assert item["quote_hash"] == f"sha256:{quote}"
            assert item["file_hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_a_field_that_is_added_later_is_no_error(printed):
    document = printed("deep")
    document["data"]["new"] = document["data"]["evidence"][0]["new"] = 1

    assert OPEN.is_valid(document)
    assert not CLOSED.is_valid(document)


def test_an_error_has_no_data_and_a_result_no_errors(printed):
    error, result = printed("usage error"), printed("simple")

    assert not OPEN.is_valid({**error, "data": result["data"]})
    assert not OPEN.is_valid({**error, "errors": []})
    assert not OPEN.is_valid({**result, "errors": error["errors"]})
    assert not OPEN.is_valid({**result, "data": None})


@pytest.mark.parametrize(
    ("values", "described"),
    [
        (STOP_WORDS, SCHEMA["$defs"]["result"]["properties"]["stop_reason"]["enum"]),
        (get_args(QuoteState), SCHEMA["$defs"]["evidence"]["properties"]["state"]["enum"]),
        (
            (*get_args(DecisionKind), "failed"),
            SCHEMA["$defs"]["step"]["properties"]["decision"]["enum"],
        ),
        (
            set(get_args(StepStatus)) - {"running"},
            SCHEMA["$defs"]["step"]["properties"]["status"]["enum"],
        ),
    ],
    ids=["stop_reason", "state", "decision", "status"],
)
def test_every_state_of_the_code_is_described(values, described):
    assert set(values) == set(described)


def test_every_error_code_is_described():
    text = (REPOSITORY / "docs" / "json.md").read_text("utf-8")
    described = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    known = {
        item.code
        for item in vars(errors).values()
        if isinstance(item, type) and issubclass(item, errors.DocsearchError)
    }

    assert known - {"error"} <= described
