import json
from dataclasses import asdict, dataclass

import pytest

from docsearch_cli.steps import (
    PlannedStep,
    canonical_json,
    estimate_tokens,
    plain_data,
    step_id,
)


@dataclass(frozen=True, slots=True)
class Kept:
    pair: tuple[PlannedStep, str]
    steps: list[PlannedStep]
    named: dict[str, tuple[int, PlannedStep]]
    nothing: None


def test_a_step_id_begins_with_number_and_kind():
    assert step_id(4, "traverse", "ab").startswith("4-traverse-")


def test_a_step_without_number_is_named_by_kind():
    assert step_id(None, "plan", "ab").startswith("plan-")


def test_a_step_id_depends_on_content():
    assert step_id(1, "traverse", "ab") != step_id(1, "traverse", "cd")


def test_a_step_id_is_the_same_every_time():
    assert step_id(1, "traverse", "ab") == step_id(1, "traverse", "ab")


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2)])
def test_tokens_are_estimated_by_four_characters(text, tokens):
    assert estimate_tokens(text) == tokens


def test_canonical_json_ignores_the_order_of_keys():
    assert canonical_json({"b": 1, "a": [2]}) == canonical_json({"a": [2], "b": 1})


def test_canonical_json_keeps_other_alphabets_readable():
    assert canonical_json({"q": "é中"}) == '{"q":"é中"}'.encode()


def test_canonical_json_takes_lone_surrogates():
    data = canonical_json({"path": "bad\udcff.md"})

    assert json.loads(data)["path"] == "bad?.md"


def test_plain_data_is_what_asdict_gives():
    step = PlannedStep(1, "traverse", "a.md", 0, 0.5, None, None, "keyword")
    value = Kept((step, "x"), [step], {"a": (1, step)}, None)

    assert plain_data(value) == asdict(value)
    assert type(plain_data(value)["pair"]) is tuple
