import pytest


def rows(ended):
    return {row["name"]: row for row in ended.data["settings"]}


def test_every_setting_is_shown_with_value_and_origin(inline, tmp_path, monkeypatch):
    (tmp_path / "docsearch.toml").write_text("[limits]\nseeds = 4\n")
    monkeypatch.setenv("DOCSEARCH_MAX_AGENTS", "40")
    found = rows(inline("config", "show", "--json"))

    assert (found["max_agents"]["value"], found["max_agents"]["source"]) == (
        40,
        "DOCSEARCH_MAX_AGENTS",
    )
    assert found["seeds"]["value"] == 4
    assert found["seeds"]["source"].endswith("docsearch.toml")
    assert found["max_depth"]["source"] == "default"


def test_settings_are_readable(inline):
    shown = inline("config", "show").stdout

    assert "max_agents" in shown
    assert "default" in shown


def test_a_setting_beside_the_index_is_used(inline, fenwick):
    (fenwick / "docsearch.toml").write_text("[limits]\nmax_agents = 2\n")
    data = inline("ask", "buffer", "--deep", "--engine", "inline", "--json").data

    assert data["budget"]["max_agents"] == 2


def test_the_processes_that_a_folder_asks_for_are_cut_and_the_run_still_verifies(
    inline, fenwick, monkeypatch
):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    (fenwick / "docsearch.toml").write_text("[limits]\nworkers = 64\n")
    data = inline("ask", "buffer", "--deep", "--engine", "inline", "--json").data

    assert data["clamped"] == [
        "workers 64 is more than a folder's docsearch.toml may ask for, which is two for each core;"
        " 4 is used (--workers goes further)"
    ]
    assert inline("runs", "verify", data["run_id"]).code == 0


def test_a_flag_wins_over_the_environment(inline, fenwick, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MAX_AGENTS", "5")
    words = ["ask", "buffer", "--deep", "--engine", "inline", "--json"]

    assert inline(*words).data["budget"]["max_agents"] == 5
    assert inline(*words, "--max-agents", "3").data["budget"]["max_agents"] == 3


@pytest.mark.parametrize("content", ["[limits]\nmax_agnets = 3", "exec = 'id'", "\x00"])
def test_a_bad_file_is_an_error_that_names_it(inline, fenwick, content):
    (fenwick / "docsearch.toml").write_text(content)
    ended = inline("ask", "buffer", "--simple", "--json")

    assert ended.code == 3
    assert "docsearch.toml" in ended.document["errors"][0]["message"]


def test_a_bad_variable_is_an_error_that_names_it(inline, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MAX_AGENTS", "many")
    ended = inline("config", "show", "--json")

    assert ended.code == 3
    assert "DOCSEARCH_MAX_AGENTS" in ended.document["errors"][0]["message"]


def test_a_configuration_inside_the_documents_is_not_read(inline, index_of, corpus_folder):
    home = index_of({"a.md": "windy", "docsearch.toml": "[limits]\nmax_agents = 1\n"})
    found = rows(inline("config", "show", "--json"))

    assert home != corpus_folder
    assert found["max_agents"]["value"] == 20


def test_a_configuration_file_that_is_none_is_said_in_words(inline, index_of):
    home = index_of({"a.md": "# A\n\nThe lamp.\n"})
    (home / "docsearch.toml").mkdir()
    ended = inline("ask", "the lamp")

    assert ended.code == 3
    assert "docsearch.toml cannot be read: no regular file\n" in ended.stderr
