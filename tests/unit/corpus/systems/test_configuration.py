import pytest

from docsearch_cli.corpus.systems.configuration import settings_from_words, settings_in_words


def words(text: str, path: str = "docs/antora.yml") -> str:
    return settings_in_words(path, lambda: text)


def test_settings_are_kept_in_words_and_read_back() -> None:
    found = words("name: press\nversion: 2.0\n")

    assert found == "settings of antora: name = press, version = 2.0"
    assert settings_from_words(f"no reader for .yml files; {found}") == {
        "name": "press",
        "version": "2.0",
    }


@pytest.mark.parametrize("value", ["x" * 2_001, "a,b"])
def test_a_value_that_would_not_read_back_is_left_out(value: str) -> None:
    assert words(f"name: {value}\nversion: 1\n") == "settings of antora: version = 1"


def test_other_files_and_other_details_hold_no_settings() -> None:
    assert words("name: press\n", "docs/other.yml") == ""
    assert words("title: x\n") == ""
    assert settings_from_words("no reader for .yml files") == {}
