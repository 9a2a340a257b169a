from datetime import date

import pytest

from docsearch_cli.retrieval.conditions import (
    MOST_CONDITIONS,
    Condition,
    conditions_in_words,
    day_of,
    in_order,
)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023/2", "2023-02-01", "2023-02-28"),
        ("2024-07-04", "2024-07-04", "2024-07-04"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_a_date_names_its_first_or_last_day(text, first, last):
    assert day_of(text) == date.fromisoformat(first)
    assert day_of(text, is_end=True) == date.fromisoformat(last)


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024-13", "2023-02-29", "0000", "2024-1-1-1", "noon", "２０２４", "2024-", "+2024"],
)
def test_what_is_no_date_names_no_day(text):
    assert day_of(text) is None


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "colour", "value": "red", "excludes": False},
        {"kind": "since", "value": "noon", "excludes": False},
    ],
)
def test_plain_data_of_no_condition_is_refused(data):
    with pytest.raises(ValueError, match=r"colour|noon"):
        Condition.from_dict(data)


def test_conditions_of_one_kind_are_said_together():
    said = conditions_in_words(
        [
            Condition("word", "zeromq", excludes=True),
            Condition("path", "a/*"),
            Condition("word", "kafka", excludes=True),
            Condition("phrase", "dead letter"),
        ]
    )

    assert said == 'without: zeromq, kafka; only path: a/*; with "dead letter"'


def test_no_more_conditions_than_the_most_are_looked_at():
    many = [Condition("tag", str(number)) for number in range(2 * MOST_CONDITIONS)]

    assert in_order([*many, *many]) == tuple(many[:MOST_CONDITIONS])
