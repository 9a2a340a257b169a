import json

import pytest

from docsearch_cli.steps import canonical_json, estimate_tokens, step_id


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
