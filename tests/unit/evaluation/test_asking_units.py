"""Questions with known answers as units of work: what comes of them is what comes of them here."""

from dataclasses import replace

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.errors import RunFailedError
from docsearch_cli.evaluation import asking_units
from docsearch_cli.evaluation.asking import ask_questions
from docsearch_cli.evaluation.asking_units import ask_questions_on
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.search.result import AskOptions
from tests.support import write_files

QUESTIONS = [
    GoldQuestion("1", "which rope holds the windy mast?", ("mast.md",), ("the blue rope",)),
    GoldQuestion("2", "where is the harbour?", ("harbour.md",)),
    GoldQuestion("3", "who painted it?", ()),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("units")
    pages = {
        "mast.md": "# Mast\n\nThe blue rope holds the windy mast, see [harbour](harbour.md).\n",
        "harbour.md": "# Harbour\n\nThe harbour is behind the mast.\n",
        "other.md": "# Other\n\nNothing of this.\n",
    }
    write_files(folder / "docs", pages)
    build_index(folder / ".docsearch", [folder / "docs"], workers=1)
    return open_index(folder / ".docsearch")


@pytest.fixture
def settings():
    return load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": "/"})


def without_times(asked):
    return [
        replace(
            item,
            predictions=tuple(replace(found, ms=0) for found in item.predictions),
            readings=tuple(replace(found, ms=0) for found in item.readings),
        )
        for item in asked
    ]


@pytest.mark.parametrize("with_losses", [False, True])
def test_units_give_what_one_process_gives(index, settings, with_losses):
    home, told = index.folder.parent.parent, []
    here = ask_questions(home, index, QUESTIONS, settings, [0, 3], with_losses=with_losses)
    options = AskOptions(settings, engine="inline")
    there = ask_questions_on(
        options,
        index,
        QUESTIONS,
        [0, 3],
        with_losses=with_losses,
        progress=lambda done, total: told.append((done, total)),
    )

    assert without_times(there) == without_times(here)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("function", "words"),
    [(lambda payload: b"odd", "has no result"), (lambda payload: 1 / 0, "could not be asked")],
)
def test_a_question_that_gives_nothing_ends_the_measurement(
    index, settings, monkeypatch, function, words
):
    monkeypatch.setitem(asking_units.FUNCTIONS, asking_units.ASK, function)

    with pytest.raises(RunFailedError, match=f"question 1 {words}"):
        ask_questions_on(AskOptions(settings, engine="inline"), index, QUESTIONS, [0])
