"""When an answer counts as read."""

from __future__ import annotations

import pytest

from tests.bench.answer_parts import Quoted, holds, read_answer, readable
from tests.bench.manuals import HELD_OUT, MANUALS, VAULTS, load_questions

PAGE = "config.md"


def quoted(plain: str, *, path: str = PAGE, near: str = "") -> Quoted:
    return Quoted(path, plain, near or plain)


def test_texts_are_compared_as_a_person_reads_them() -> None:
    text = readable("Set  the `Queue`\n to “3\N{NO-BREAK SPACE}MB”, **not** more")

    assert holds(text, ['set the queue to "3 mb"'])
    assert holds(text, ["not more"])


@pytest.mark.parametrize(
    ("text", "string"),
    [
        ("it cost 137 crowns", "37"),
        ("at most 1.5 MB", "5 MB"),
        ("docker swarm unlock-key", "docker swarm unlock"),
        ("version 3.40", "3.4"),
        ("the default is 30.5", "30"),
        ("pre-default", "default"),
    ],
)
def test_a_part_of_a_word_or_number_is_no_answer(text: str, string: str) -> None:
    assert not holds(text, [string])


@pytest.mark.parametrize("text", ["the default is 30.", "(30)", "30, or less", "=30;"])
def test_marks_around_a_number_are_no_part_of_it(text: str) -> None:
    assert holds(text, ["30"])


def test_any_string_of_a_part_will_do() -> None:
    read = read_answer(
        [["postqueue -f", "postfix flush"]], {PAGE}, [PAGE], [quoted("postfix flush")]
    )

    assert read.is_full


def test_all_parts_are_needed() -> None:
    parts = [["128k"], ["80k"]]
    one = quoted("add 128k to it")
    other = quoted("Default: 80k", path="reference.md")

    half = read_answer(parts, {PAGE, "reference.md"}, [], [one])
    whole = read_answer(parts, {PAGE, "reference.md"}, [], [one, other])

    assert half.parts == (True, False)
    assert not half.is_full
    assert whole.is_full
    assert not whole.in_first


def test_a_value_on_another_page_is_no_answer() -> None:
    read = read_answer([["60.000"]], {PAGE}, [], [quoted("Default: 60.000", path="other.md")])

    assert not read.is_full
    assert not read.is_near


def test_the_first_quote_is_the_first_that_was_given() -> None:
    answer = quoted("Default: 80k")
    wrong = quoted("80k and more", path="other.md")

    assert read_answer([["80k"]], {PAGE}, [], [answer, wrong]).in_first
    assert not read_answer([["80k"]], {PAGE}, [], [wrong, answer]).in_first


def test_what_stands_beside_a_quote_is_near() -> None:
    lead_in = quoted(
        "Issue the following command:", near="Issue the following command: logs -q 503"
    )

    read = read_answer([["logs -q 503"]], {PAGE}, [], [lead_in])

    assert not read.is_full
    assert read.is_near


def test_a_part_that_is_read_need_not_be_near() -> None:
    first = Quoted(PAGE, "add 128k", near="")
    second = Quoted(PAGE, "see below", near="Default: 80k")

    assert read_answer([["128k"], ["80k"]], {PAGE}, [], [first, second]).is_near


@pytest.mark.parametrize(
    ("documents", "rank", "is_first"),
    [
        (["a.md", "b.md", PAGE], 3, True),
        (["a.md", "b.md", "c.md", PAGE], 4, False),
        (["a.md"], None, False),
    ],
)
def test_the_rank_is_of_the_first_right_page(
    documents: list[str], rank: int | None, is_first: bool
) -> None:
    read = read_answer([["x"]], {PAGE}, documents, [])

    assert read.rank == rank
    assert read.is_page_first is is_first


@pytest.mark.parametrize("name", [*MANUALS, *VAULTS, *HELD_OUT])
def test_every_question_says_what_answers_it(name: str) -> None:
    questions = load_questions(name)

    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        assert question.question and question.vague
        assert question.gold and not set(question.gold) & set(question.also)
        assert question.parts and all(part and all(part) for part in question.parts)


def test_a_third_of_the_questions_needs_two_pages() -> None:
    questions = [question for name in (*MANUALS, *VAULTS) for question in load_questions(name)]
    two = [question for question in questions if len(question.gold) == 2]

    assert 3 * len(two) >= len(questions) >= 40
