import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.explore.findings import Citation
from docsearch_cli.explore.written_answer import (
    MOST_WORDS,
    NOT_FOUND,
    UnwrittenAnswerError,
    WrittenAnswer,
    build_answer_request,
    read_answer,
    write_answer,
)
from docsearch_cli.llm.exchange import ModelReply
from docsearch_cli.llm.replies import Problem
from tests.unit.explore.agents.test_llm import Scripted, told

QUESTION = "how long are snapshots kept"
MODEL = "openai:small"


def quote(n, plain, heading="Retention", path="keep.md"):
    return Citation(n, path, path, "1", heading, 3, 3, plain, plain, 0.5, (), False)


EVIDENCE = [quote(1, "Snapshots are kept for 30 days."), quote(3, "Backups go to Berlin.")]


def reply(*sentences, found=True, finish_reason="stop"):
    listed = [{"text": text, "evidence": list(cited)} for text, cited in sentences]
    return ModelReply(json.dumps({"found": found, "sentences": listed}), 1, 1, "m", finish_reason)


def written(*sentences, **changes):
    answer = read_answer(reply(*sentences, **changes), EVIDENCE, "english")
    assert isinstance(answer, WrittenAnswer)
    return answer


def test_a_sentence_that_its_quotes_support_is_kept_with_them():
    answer = written(("They are kept for 30 days [1].", (1,)), ("Berlin has the backups.", (3,)))

    assert answer.text == "They are kept for 30 days. [1] Berlin has the backups. [3]"
    assert (answer.cited, answer.struck) == ((1, 3), ())


@pytest.mark.parametrize(
    ("sentence", "cited", "reason"),
    [
        ("They are kept for 31 days.", (1,), "the quotes do not hold 31"),
        ("They are kept for 30 days.", (3,), "the quotes do not hold 30"),
        ("They go to Paris.", (3,), "the quotes do not hold Paris"),
        ("They are kept.", (), "it names no quote"),
        ("They are kept.", (2, 99, -1), "it names no quote"),
    ],
)
def test_a_sentence_that_they_do_not_is_struck_and_said_to_be(sentence, cited, reason):
    answer = written((sentence, cited), ("They are kept for 30 days.", (1,)))

    assert answer.text == "They are kept for 30 days. [1]"
    assert [tuple(item) for item in answer.struck] == [(sentence, reason)]


def test_a_quote_that_holds_nothing_of_a_sentence_does_not_vouch_for_it():
    answer = written(("They are kept for 30 days.", (3, 1)), ("They are kept.", (3, 1)))

    assert answer.text == "They are kept for 30 days. [1] They are kept. [3][1]"


def test_an_answer_of_which_nothing_is_supported_is_empty():
    answer = written(("They go to Paris.", (3,)))

    assert (answer.found, answer.text, len(answer.struck)) == (True, "", 1)


def test_not_found_is_not_overruled():
    answer = written(("They are kept for 30 days.", (1,)), found=False)

    assert (answer.found, answer.text, answer.sentences) == (False, NOT_FOUND, ())


def test_an_answer_has_its_most_words():
    long = "They are kept " + "and kept " * 40 + "for 30 days."
    answer = written((long, (1,)), (long, (1,)))

    assert len(answer.sentences) == 1
    assert answer.struck[0].reason == f"it goes beyond {MOST_WORDS} words"


def test_the_evidence_and_nothing_else_is_shown():
    request = build_answer_request(QUESTION, EVIDENCE, MODEL)

    shown = told(request)
    assert "[1] keep.md > Retention: Snapshots are kept for 30 days." in shown
    assert "[3] keep.md > Retention: Backups go to Berlin." in shown
    assert request.model == MODEL


def test_without_evidence_nothing_is_asked():
    asker = Scripted()
    answer = asyncio.run(write_answer(QUESTION, [], MODEL, asker, language="english"))

    assert (answer.text, asker.requests) == (NOT_FOUND, [])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"found": true}', '{"found": 1, "sentences": []}',
     '{"found": true, "sentences": []}', '{"found": true, "sentences": ["a"]}',
     '{"found": true, "sentences": [{"text": 1, "evidence": []}]}',
     '{"found": true, "sentences": [{"text": "a", "evidence": ["1"]}]}',
     '{"found": true, "sentences": [{"text": "a", "evidence": 1}]}',
     '{"found": true, "sentences": [{"text": "a", "evidence": [], "x": 1}]}', "[" * 90_000],
)  # fmt: skip
def test_what_is_no_answer_is_asked_for_once_more(text):
    good = reply(("They are kept for 30 days.", (1,))).text
    asker = Scripted(text, good)
    answer = asyncio.run(write_answer(QUESTION, EVIDENCE, MODEL, asker, language="english"))

    assert answer.cited == (1,)
    assert "cannot be used" in told(asker.requests[1])
    with pytest.raises(UnwrittenAnswerError):
        asyncio.run(
            write_answer(QUESTION, EVIDENCE, MODEL, Scripted(text, text), language="english")
        )


def test_an_answer_that_was_cut_is_none():
    cut = reply(("They are kept for 30 days.", (1,)), finish_reason="length")

    assert isinstance(read_answer(cut, EVIDENCE, "english"), Problem)


def test_an_answer_is_plain_data():
    answer = written(("They are kept for 30 days.", (1,)), ("They go to Paris.", (3,)))

    assert json.loads(json.dumps(answer.to_dict())) == {
        "found": True,
        "sentences": [{"text": "They are kept for 30 days.", "cited": [1]}],
        "struck": [{"text": "They go to Paris.", "reason": "the quotes do not hold Paris"}],
    }


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.lists(st.integers(-2, 5), max_size=4))
def test_no_sentence_breaks_the_check_and_none_is_kept_without_a_quote(text, cited):
    outcome = read_answer(reply((text, cited)), EVIDENCE, "english")

    assert isinstance(outcome, WrittenAnswer)
    assert all(set(item.cited) <= {1, 3} and item.cited for item in outcome.sentences)
    assert all(item.text.isprintable() for item in outcome.sentences)
