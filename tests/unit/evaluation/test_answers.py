import pytest

from docsearch_cli.evaluation.answers import (
    NEAR_LINES,
    AnswerLines,
    Looked,
    find_answer,
    holds_answer,
    place_answer,
)
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.support import write_files


@pytest.mark.parametrize(
    ("answers", "evidence", "expected"),
    [
        (["Stanley"], "the seat is Stanley.", True),
        (["stanley, north dakota"], "in STANLEY (North Dakota)", True),
        (["Stan"], "the seat is Stanley.", False),
        (["Mountrail", "Stanley"], "the seat is Stanley.", True),
        (["ﬁve"], "it is five", True),
        (["yes"], "yes", None),
        (["No."], "no", None),
        (["B"], "B", None),
        (["12"], "it is 12", True),
        (["..."], "...", None),
        ([], "anything", None),
        (["Stanley"], "", False),
    ],
)
def test_an_answer_is_found_word_for_word(answers, evidence, expected):
    assert holds_answer(answers, evidence) is expected


@pytest.fixture
def found(tmp_path, corpus_folder):
    """The lines of a document that hold an answer."""

    def find(text, *answers, name="a.md"):
        write_files(corpus_folder, {name: text})
        build_index(tmp_path / "x", [corpus_folder])
        places = find_answer(open_index(tmp_path / "x"), name, answers)
        return [(place.first, place.last, place.exact) for place in places]

    return find


def test_an_answer_stands_on_its_lines_in_every_section(found):
    text = "# A\n\nIt is **3.9 m**.\n\n## B\n\nNot 3.9 metres.\nBut 3.9\nm of it.\n"

    assert found(text, "3.9 m") == [(3, 3, True), (8, 9, True)]


def test_any_of_the_answers_will_do(found):
    assert found("# A\n\nGreta\nOnderka\n", "Onderka", "Greta", "Anna") == [
        (4, 4, True),
        (3, 3, True),
    ]


def test_an_answer_that_markup_parts_has_the_lines_of_its_section(found):
    text = "# A\n\nSet [the](a.md) <b>mode</b>\n\n## B\n\nRun ferry&nbsp;boat now\n"

    assert found(text, "the mode") == [(1, 3, False)]


def test_yes_and_no_are_looked_for_nowhere(found):
    assert found("# Yes\n\nYes, no.\n", "yes", "No") == []


def test_a_document_that_is_not_there_holds_nothing(found, tmp_path):
    found("# A\n")

    assert find_answer(open_index(tmp_path / "x"), "b.md", ["A"]) == []


HERE = [AnswerLines(20, 21)]


def looked(*, opened=True, read=(), quoted=(), paged=False):
    return Looked(opened, read, quoted, paged)


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        ((21 + NEAR_LINES, 30), "near_quote"),
        ((22 + NEAR_LINES, 40), "read"),
        ((1, 20 - NEAR_LINES), "near_quote"),
        ((1, 19 - NEAR_LINES), "read"),
        ((20, 20), "near_quote"),
    ],
)
def test_near_a_quote_is_six_lines_from_it(quoted, expected):
    assert place_answer(HERE, looked(read=[(1, 40)], quoted=[quoted])) == expected


def test_on_pages_near_is_the_same_page():
    near, far = looked(quoted=[(21, 21)], paged=True), looked(quoted=[(22, 22)], paged=True)

    assert place_answer(HERE, near) == "near_quote"
    assert place_answer(HERE, far) == "not_read"


def test_a_page_may_be_opened_and_the_answer_not_be_read():
    assert place_answer(HERE, looked(read=[(1, 20)])) == "read"
    assert place_answer(HERE, looked(read=[(1, 19), (22, 30)])) == "not_read"
    assert place_answer(HERE, looked(opened=False)) == "not_opened"


def test_lines_that_are_not_known_are_near_nothing():
    places = [AnswerLines(10, 30, exact=False)]

    assert place_answer(places, looked(read=[(1, 40)], quoted=[(12, 12)])) == "read"


def test_a_document_without_the_answer_has_no_place_for_it():
    assert place_answer([], looked(read=[(1, 40)])) is None
