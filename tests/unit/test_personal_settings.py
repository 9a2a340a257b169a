import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.errors import ConfigError
from docsearch_cli.personal_settings import PersonalSettings


@pytest.fixture
def personal(tmp_path):
    """Return the settings of a person, given their file, that beside the index, and variables."""

    def load(own="", beside="", **variables):
        (tmp_path / "own").mkdir(exist_ok=True)
        (tmp_path / "own" / "config.toml").write_text(own)
        (tmp_path / "docsearch.toml").write_text(beside)
        variables["DOCSEARCH_CONFIG_DIR"] = str(tmp_path / "own")
        return load_settings({}, beside=tmp_path, environment=variables).personal

    return load


def test_without_a_word_files_are_linked_and_questions_remembered(personal):
    assert personal() == PersonalSettings("file", "default", True, "default")


def test_a_variable_wins_over_the_users_own_file(personal):
    own = 'editor = "idea"\nhistory = false\n'
    found = personal(own, DOCSEARCH_EDITOR="vscode")

    assert (found.editor, found.editor_origin) == ("vscode", "DOCSEARCH_EDITOR")
    assert (found.history, found.history_origin.endswith("config.toml")) == (False, True)


@pytest.mark.parametrize(
    ("word", "is_on"), [("0", False), ("no", False), ("False", False), ("on", True), ("1", True)]
)
def test_a_variable_says_yes_or_no_in_words(personal, word, is_on):
    assert personal(DOCSEARCH_HISTORY=word).history is is_on


def test_an_empty_variable_says_nothing(personal):
    assert personal('editor = "idea"', DOCSEARCH_EDITOR="", DOCSEARCH_HISTORY="").editor == "idea"


@pytest.mark.parametrize("line", ['editor = "rm -rf {path}"', "history = true"])
def test_a_file_that_came_with_the_documents_sets_none_of_them(personal, line):
    with pytest.raises(ConfigError, match="which only you can") as refused:
        personal(beside=line)
    assert "config.toml" in refused.value.hint


@pytest.mark.parametrize(
    "line",
    [
        "editor = 3",
        'editor = " "',
        'editor = "a\\u001bb"',
        'editor = "a\\nb"',
        f'editor = "{"x" * 1_001}"',
        "history = 1",
        'history = "maybe"',
        "history = []",
    ],
)
def test_what_is_no_setting_is_said_with_its_origin(personal, line):
    with pytest.raises(ConfigError, match=r"config\.toml"):
        personal(own=line)
