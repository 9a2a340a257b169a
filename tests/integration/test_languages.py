"""The language of an index, and questions in scripts other than English's, through the command."""

import unicodedata

import pytest

GERMAN = {
    "haus.md": "# Haus\n\nDie Häuser der Stadt sind alt, und das ist nicht für jeden gut.\n",
    "rad.md": "# Rad\n\nMit dem Rad ist man in der Straße schneller als mit einem Wagen.\n",
}


def first(ended):
    return ended.data["documents"][0]["path"]


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("中文合約", "chinese.md"),
        ("しりとり", "japanese.md"),
        ("끝말잇기", "korean.md"),
        ("ภาษาราชการ", "thai.md"),
        ("كتب الطالب", "arabic.md"),
        ("שלום", "hebrew.md"),
        ("किताब", "hindi.md"),
        ("новый дом", "russian.md"),
        ("άνθρωπος", "greek.md"),
        ("MULLER", "german.md"),
        ("phénomène", "french.md"),
        ("phenomene", "french.md"),
        ("ISTANBUL", "turkish.md"),
        ("1.0.21", "version.md"),
        ('"1.0.21"?', "version.md"),
        ("C++?", "cpp.md"),
        ("httpserver", "class.md"),
        ("which --max-agents?", "option.md"),
    ],
)
def test_a_page_is_found_by_a_word_that_stands_in_it(inline, index_of, question, path):
    index_of(
        {
            "chinese.md": "# 一\n\n中文合約轉換體驗課問題\n",
            "japanese.md": "# 二\n\nしりとりをしましょう\n",
            "korean.md": "# 三\n\n우리는 끝말잇기를 한다\n",
            "thai.md": "# 4\n\nภาษาไทยเป็นภาษาราชการ\n",
            "arabic.md": "# 5\n\nكَتَبَ الطالبُ كتـابًا\n",
            "hebrew.md": "# 6\n\nשָׁלוֹם\n",
            "hindi.md": "# 7\n\nलड़कियों की किताबें\n",
            "russian.md": "# 8\n\nНовые дома города\n",
            "greek.md": "# 9\n\nΟι άνθρωποι\n",
            "german.md": "# 10\n\nHerr Müller wohnt hier\n",
            "french.md": "# 11\n\nun " + unicodedata.normalize("NFD", "phénomène") + " rare\n",
            "turkish.md": "# 12\n\nİstanbul ışıkları\n",
            "version.md": "# 13\n\nreleased as 1.0.21 then\n",
            "cpp.md": "# 14\n\nwritten in C++ first\n",
            "c.md": "# 15\n\nC C C\n",
            "class.md": "# 16\n\nthe HTTPServer class\n",
            "option.md": "# 17\n\nset --max-agents to ten\n",
            "agents.md": "# 18\n\nagents of max, max of agents\n",
        }
    )
    found = inline("ask", question, "--simple", "--json")

    assert first(found) == path
    assert found.data["answer"]["found"] is True


def test_the_documents_tell_the_language(inline, corpus_folder):
    for name, text in GERMAN.items():
        (corpus_folder / name).write_text(text, encoding="utf-8")
    built = inline("index", "docs", "--json").data

    assert built["language"] == "german"
    assert inline("status", "--json").data["language"] == "german"
    assert "language: german" in inline("index", "docs", "--rebuild").stdout
    assert first(inline("ask", "Welches Haus?", "--simple", "--json")) == "haus.md"


def test_a_language_that_was_set_is_kept_until_another_is(inline, corpus_folder):
    (corpus_folder / "haus.md").write_text(GERMAN["haus.md"], encoding="utf-8")
    steps = [
        (["--language", "Dutch"], "dutch", False),
        ([], "dutch", True),
        (["--language", "none"], "none", False),
        (["--language", "auto"], "german", False),
        ([], "german", True),
        (["--language", "nl"], "dutch", False),
    ]
    digests = []
    for words, language, unchanged in steps:
        built = inline("index", "docs", "--json", *words).data

        assert (built["language"], built["unchanged"]) == (language, unchanged)
        assert inline("status", "--json").data["stale"] is False
        digests.append(built["digest"])
    assert len(set(digests)) == 3


@pytest.mark.parametrize("name", ["links.json", "manifest.json"])
def test_a_language_that_was_set_outlives_a_damaged_index(inline, corpus_folder, tmp_path, name):
    (corpus_folder / "haus.md").write_text(GERMAN["haus.md"], encoding="utf-8")
    inline("index", "docs", "--language", "dutch")
    (damaged,) = (tmp_path / ".docsearch" / "index").glob(f"*/{name}")
    damaged.write_text("{")
    assert "--rebuild" in inline("ask", "Haus", "--simple").stderr
    ended = inline("index", "docs", "--rebuild", "--json")

    assert (ended.data["language"], ended.stderr) == ("dutch", "")


def test_it_is_said_where_a_language_that_was_set_is_lost(inline, corpus_folder, tmp_path):
    (corpus_folder / "haus.md").write_text(GERMAN["haus.md"], encoding="utf-8")
    inline("index", "docs", "--language", "dutch")
    (damaged,) = (tmp_path / ".docsearch" / "index").glob("*/manifest.json")
    damaged.write_text("{")
    (tmp_path / ".docsearch" / "settings.json").write_text('{"version": 1}')
    ended = inline("index", "docs", "--rebuild")

    assert ended.code == 0
    assert "unknown fields in" in ended.stderr
    assert "give --language and --model again" in ended.stderr
    assert "not known" not in inline("index", "docs").stderr


def test_the_language_is_a_setting(inline, corpus_folder, tmp_path, monkeypatch):
    (corpus_folder / "a.md").write_text("# A\n\nthe text of it is in English\n")
    (tmp_path / "docsearch.toml").write_text('language = "french"\n')

    assert inline("index", "docs", "--json").data["language"] == "french"
    monkeypatch.setenv("DOCSEARCH_LANGUAGE", "spanish")
    assert inline("index", "docs", "--json").data["language"] == "spanish"
    assert inline("index", "docs", "--json", "--language", "danish").data["language"] == "danish"
    assert inline("config", "show", "--json").data["language"] == {
        "value": "spanish",
        "source": "DOCSEARCH_LANGUAGE",
    }
    assert "spanish" in inline("config", "show").stdout


def test_an_unknown_language_is_refused(inline, corpus_folder, tmp_path):
    (corpus_folder / "a.md").write_text("# A\n")
    wrong = inline("index", "docs", "--language", "klingon", "--json")
    (tmp_path / "docsearch.toml").write_text('language = "klingon"\n')
    wrong_in_file = inline("index", "docs", "--json")

    assert (wrong.code, wrong_in_file.code) == (2, 3)
    assert "german" in wrong.document["errors"][0]["hint"]


def test_a_step_is_replayed_in_the_language_of_its_index(inline, corpus_folder):
    for name, text in GERMAN.items():
        (corpus_folder / name).write_text(text, encoding="utf-8")
    inline("index", "docs")
    asked = inline("ask", "Häuser in der Straße", "--deep", "--engine", "inline", "--json").data
    replayed = inline("replay", asked["run_id"], "--step", "1", "--json").data
    shown = inline("replay", asked["run_id"], "--step", "1").stdout

    assert replayed["input"]["language"] == "german"
    assert "REPRODUCED" in shown
