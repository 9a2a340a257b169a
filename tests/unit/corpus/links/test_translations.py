import pytest

from docsearch_cli.corpus.links.translations import (
    in_same_language,
    language_of,
    untranslated,
    without_language,
)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("docs/de/guide.md", "de"),
        ("docs/zh-Hant/guide.md", "zh-hant"),
        ("pt_BR/guide.md", "pt_br"),
        ("docs/guide.de.md", "de"),
        ("en/guide.pt-BR.md", "pt-br"),
        ("docs/guide.md", ""),
        ("docs/guide.api.md", ""),
        ("src/guide.md", ""),
    ],
)
def test_the_language_that_a_path_names(path: str, language: str) -> None:
    assert language_of(path) == language


def test_a_path_without_its_language() -> None:
    assert without_language("docs/guide.de") == "docs/guide"
    assert without_language("docs/v1.2") == "docs/v1.2"
    assert without_language("docs/.de") == "docs/.de"


@pytest.mark.parametrize(
    ("source", "chosen"),
    [
        ("de/x.md", ["de/a.md"]),
        ("fr/x.md", ["a.md"]),
        ("x.md", ["a.md"]),
    ],
)
def test_a_link_stays_in_its_language(source: str, chosen: list[str]) -> None:
    assert in_same_language(source, ["a.md", "de/a.md", "en/a.md"]) == chosen


def test_english_is_for_those_without_a_page_of_their_own() -> None:
    assert in_same_language("fr/x.md", ["de/a.md", "en/a.md"]) == ["en/a.md"]
    assert in_same_language("fr/x.md", ["de/a.md", "it/a.md"]) == ["de/a.md", "it/a.md"]


def test_a_page_without_a_translation_lies_beside_the_others_or_in_english() -> None:
    assert list(untranslated("docs/de/x/a.md")) == ["docs/x/a.md", "docs/en/x/a.md"]
    assert list(untranslated("docs/en/a.md")) == list(untranslated("docs/x/de.md")) == []
