import pytest

from docsearch_cli.errors import UsageError
from docsearch_cli.runs.input_changes import apply_change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("a=text", {"a": "text", "b": [{"c": 2}]}),
        ('a="1"', {"a": "1", "b": [{"c": 2}]}),
        ("a=x=y", {"a": "x=y", "b": [{"c": 2}]}),
        ("a=", {"a": "", "b": [{"c": 2}]}),
        ("b.0.c=1.5", {"a": "", "b": [{"c": 1.5}]}),
        ("b=[]", {"a": "", "b": []}),
    ],
)
def test_a_change_replaces_one_field(change, expected):
    facts = {"a": "", "b": [{"c": 2}]}
    apply_change(facts, change)

    assert facts == expected


@pytest.mark.parametrize("change", ["a=1", "a=null", "b=3", "b=[3]", "b.0.c=x", "b.0.c=true"])
def test_a_change_keeps_the_kind_of_its_field(change):
    facts = {"a": "", "b": [{"c": 2}]}
    with pytest.raises(UsageError, match="cannot be"):
        apply_change(facts, change)

    assert facts == {"a": "", "b": [{"c": 2}]}


@pytest.mark.parametrize("change", ["", "a", "=1", "z=1", "b.9.c=1", "b.x=1", "a.b=1", "b.0.c.d=1"])
def test_a_change_that_fits_no_field_is_a_usage_error(change):
    with pytest.raises(UsageError):
        apply_change({"a": 0, "b": [{"c": 2}]}, change)


@pytest.mark.parametrize(
    ("before", "value", "is_allowed"),
    [
        ([], '["x"]', True),
        ([], '[{"a": 1}]', True),
        ([], "[1]", False),
        ([1], "[2, 3.5]", True),
        ([1], '["x"]', False),
        (["x"], '["y"]', True),
        (["x"], "[1]", False),
        ([[1]], "[[2]]", True),
        ([[1]], '[["x"]]', False),
        (1, "2.5", True),
        (1, "true", False),
        (True, "false", True),
        (True, "1", False),
        ({"a": 1}, "{}", True),
        ({"a": 1}, "[]", False),
        (None, "null", True),
        (None, "1", False),
    ],
)
def test_a_value_is_of_the_kind_of_the_one_it_replaces(before, value, is_allowed):
    facts = {"a": before}
    if is_allowed:
        apply_change(facts, f"a={value}")
    else:
        with pytest.raises(UsageError, match="cannot be"):
            apply_change(facts, f"a={value}")

    assert (facts != {"a": before}) == (is_allowed and value != "null")
