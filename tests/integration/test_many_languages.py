"""A folder in several languages, through the command: each document is read in its own."""

import random

import pytest

from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.store import open_index
from tests.manual_in_languages import ASKED, PAGES, manual
from tests.support import usual_or_soak, write_files

COUNTS = {"english": 3, "french": 5, "german": 3, "russian": 3, "spanish": 3}


@pytest.fixture(scope="module")
def manual_index(tmp_path_factory):
    from docsearch_cli.index.build import build_index

    folder = tmp_path_factory.mktemp("manual")
    write_files(folder / "docs", manual())
    build_index(folder / ".docsearch", [folder / "docs"])
    return folder / ".docsearch"


def contents(home):
    """Return the bytes of every file of an index by name."""
    return {path.name: path.read_bytes() for path in open_index(home).folder.iterdir()}


def first(ended):
    return ended.data["documents"][0]["path"]


@pytest.mark.parametrize(("question", "path"), ASKED.items())
@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_a_question_is_answered_in_its_own_language(inline, manual_index, question, path, mode):
    words = ("ask", question, mode, "--engine", "inline", "--json")
    ended = inline(*words, "--index", str(manual_index))

    assert first(ended) == path
    assert ended.data["evidence"][0]["path"] == path
    assert ended.data["answer"]["found"] or question == "Laufwerken vergrößernd"


def test_the_languages_are_counted(inline, manual_index):
    status = inline("status", "--json", "--index", str(manual_index)).data

    assert status["languages"] == COUNTS
    shown = inline("status", "--index", str(manual_index)).stdout
    assert "5 french, 3 english, 3 german, 3 russian, 3 spanish; detected" in shown
    page = inline("show", "de/keys.md", "--json", "--index", str(manual_index)).data
    assert page["language"] == "german"


def test_a_run_over_several_languages_is_replayed_and_verified(inline, manual_index, tmp_path):
    home = str(manual_index)
    question = ("ask", "Wie vergrößert man die Laufwerke?", "--deep", "--engine", "inline")
    asked = inline(*question, "--json", "--index", home)
    run = asked.data["run_id"]

    assert "VERIFIED" in inline("runs", "verify", run, "--index", home).stdout
    step = inline("replay", run, "--step", "1", "--index", home)
    assert "REPRODUCED" in step.stdout
    assert "vergrößert, man, Laufwerke" in step.stdout
    aside = manual_index / "index"
    aside.rename(tmp_path / "aside")
    verified = inline("runs", "verify", run, "--index", home).stdout
    (tmp_path / "aside").rename(aside)
    assert "VERIFIED" in verified


def test_an_article_does_not_find_a_word_of_another_language(inline, corpus_folder):
    write_files(corpus_folder, manual())
    write_files(corpus_folder, {"en/die.md": "# Processes\n\nProcesses die; why they die, when.\n"})
    inline("index", "docs")

    found = inline("ask", "Wo liegen die alten Schlüssel?", "--simple", "--json")
    assert first(found) == "de/keys.md"
    assert "en/die.md" not in [item["path"] for item in found.data["documents"]]
    assert first(inline("ask", "how did they die", "--simple", "--json")) == "en/die.md"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("de/kurz.md", "# Drucker\n\nDrucker anschließen.\n"),
        ("de/mehr/kurz.md", "# Drucker\n\nDrucker anschließen.\n"),
        ("kurz.de.md", "# Drucker\n\nDrucker anschließen.\n"),
        ("kurz.md", "---\nlang: de-AT\n---\n# Drucker\n\nDrucker anschließen.\n"),
        ("kurz.html", '<html class="x" lang="de"><h1>Drucker</h1><p>Drucker anschließen.</html>'),
    ],
)
def test_a_short_page_is_in_the_language_that_it_or_its_folder_says(
    inline, corpus_folder, path, text
):
    write_files(corpus_folder, {**manual(), path: text})

    assert inline("index", "docs", "--json").data["languages"]["german"] == 4


def test_a_folder_named_by_a_code_that_no_page_is_in_says_nothing(inline, corpus_folder):
    text = {path: page for path, page in manual().items() if path.startswith("en/")}
    write_files(corpus_folder, {**text, "it/a.md": "# Printers\n\nPlug in.\n"})

    assert inline("index", "docs", "--json").data["languages"] == {"english": 4}


def test_parts_of_a_folder_are_set(inline, corpus_folder, tmp_path):
    write_files(corpus_folder, manual())
    (tmp_path / "docsearch.toml").write_text(
        '[languages]\n"es/*" = "pt"\n"es/keys.md" = "none"\n"/fr/" = "French"\n'
    )
    built = inline("index", "docs", "--json").data

    assert {name: built["languages"].get(name) for name in ("portuguese", "none", "spanish")} == {
        "portuguese": 2,
        "none": 1,
        "spanish": None,
    }
    assert inline("index", "docs", "--json", "--verify").data["unchanged"]
    assert inline("status", "--json").data["stale"] is False
    shown = inline("config", "show", "--json").data["languages"]["value"]
    assert shown == {"es/*": "pt", "es/keys.md": "none", "fr": "french"}
    (tmp_path / "docsearch.toml").write_text("")
    assert inline("index", "docs", "--json").data["languages"] == COUNTS


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('"de" = "klingon"', "there is no language 'klingon'"),
        ('"de" = 1', "the language of 'de'"),
    ],
)
def test_a_wrong_language_of_a_part_is_refused(inline, corpus_folder, tmp_path, table, words):
    write_files(corpus_folder, {"a.md": "# A\n"})
    (tmp_path / "docsearch.toml").write_text(f"[languages]\n{table}\n")
    ended = inline("index", "docs", "--json")

    assert ended.document["errors"][0]["code"] == "config"
    assert words in ended.document["errors"][0]["message"]


@pytest.mark.parametrize("seed", range(usual_or_soak(1, 3)))
def test_an_index_that_follows_changes_equals_a_clean_one(tmp_path, seed):
    from docsearch_cli.index.build import build_index

    chance = random.Random(seed)
    docs = tmp_path / "docs"
    pages = manual()
    short = "# Drucker\n\nDrucker.\n"
    write_files(docs, {"en/backup.md": pages["en/backup.md"]})
    for number in range(8):
        for path in chance.sample(sorted(PAGES), 3):
            other = pages[chance.choice(sorted(PAGES))]
            write_files(docs, {path: chance.choice((pages[path], other, short))})
        for path in chance.sample(sorted(docs.rglob("*.md")), 1):
            path.unlink()
        languages = chance.choice(
            (
                LanguageSettings(),
                LanguageSettings(),
                LanguageSettings(None, {"de": "dutch"}),
                LanguageSettings("french"),
            )
        )
        for name in ("home", f"clean{number}"):
            build_index(
                tmp_path / name,
                [docs],
                workers=1,
                allow_empty=True,
                allow_removal=True,
                languages=languages,
            )

        assert contents(tmp_path / "home") == contents(tmp_path / f"clean{number}")
