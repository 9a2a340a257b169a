"""Searches of the sample corpora give what they gave, to the last score and step.

What they gave is in ``tests/fixtures/golden``: for each question the ranking, the evidence, whether
an answer was found, why the search stopped and the DAG. A change that is meant to change some of it
rewrites the files, and the diff of the commit shows what it did to the rankings:

    make golden-update        (or: python -m tests.golden update)
"""

import copy

import pytest

from docsearch_cli.evaluation.questions import load_questions
from tests.golden import DOCUMENTS, differences, load_golden, measure, report
from tests.support import CORPORA


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_searches_give_what_they_gave(name, tmp_path):
    text = report(name, load_golden(name), measure(name, tmp_path / "home"))

    assert not text, text


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_question_is_kept_in_both_modes(name):
    questions = [item.id for item in load_questions(CORPORA / name / "questions.jsonl")]
    kept = load_golden(name)

    assert [key for key in kept if " " not in key] == ["index", *questions]
    for question in questions:
        assert kept[f"{question} simple"]["stop reason"] == "simple"
        assert kept[f"{question} deep"]["steps"]


def kept_and_copy():
    kept = load_golden("vault")
    return kept, copy.deepcopy(kept)


def test_a_difference_names_the_question_the_field_and_the_line():
    kept, found = kept_and_copy()
    before = found["va02 deep"]["documents"][1]
    found["va02 deep"]["documents"][1] = "0.0001 other.md"
    (text,) = differences(kept, found)
    lines = text.split("\n")

    assert lines[0] == "va02 deep, documents:"
    assert f"    -{before}" in lines
    assert "    +0.0001 other.md" in lines


def test_two_documents_that_changed_places_are_a_difference():
    kept, found = kept_and_copy()
    found["va01 simple"]["documents"][:2] = reversed(found["va01 simple"]["documents"][:2])

    assert len(differences(kept, found)) == 1


@pytest.mark.parametrize("gone", ["kept", "found"])
def test_a_question_that_only_one_side_has_is_a_difference(gone):
    kept, found = kept_and_copy()
    fields = len((kept if gone == "kept" else found).pop("va03 deep"))

    assert len(differences(kept, found)) == fields


def test_a_report_shows_the_first_differences_and_names_all():
    kept, found = kept_and_copy()
    for fields in found.values():
        if "found" in fields:
            fields["found"] = not fields["found"]
    text = report("vault", kept, found)

    assert "va01 simple, found:\n    -True\n    +False" in text
    assert "make golden-update" in text
    assert all(heading in text for heading, fields in found.items() if "found" in fields)


def test_nothing_is_reported_where_nothing_differs():
    kept, found = kept_and_copy()

    assert report("vault", kept, found) == ""
