import pytest

from docsearch_cli.corpus.systems.github_wiki import name_in_address, page_name, page_names


@pytest.mark.parametrize(
    "name", ["Known limits", "Known-limits", "known limits", "Known-limits.md", "known-limits/"]
)
def test_spellings_of_one_name(name: str) -> None:
    assert page_name(name) == "known-limits"
    assert list(page_names("deep/down/Known-limits")) == ["known-limits"]


def test_what_no_file_name_may_have_is_escaped_in_it() -> None:
    assert list(page_names("Who-pays%3F")) == [page_name("Who pays?")]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("Page", "Page"),
        ("./Page", "Page"),
        ("/Page", "Page"),
        ("wiki/Page", "Page"),
        ("../wiki/Page", "Page"),
        ("/owner/repo/wiki/Page", "Page"),
        ("guides/Page", None),
        ("a/b/Page", None),
        ("../issues/1", None),
    ],
)
def test_addresses_of_pages(address: str, name: str | None) -> None:
    assert name_in_address(address) == name
