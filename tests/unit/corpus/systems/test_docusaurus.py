import pytest

from docsearch_cli.corpus.systems.docusaurus import served_path


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("02-guides/01-intro", "guides/intro"),
        ("1. first/2 - second", "first/second"),
        ("01-a 02-b/c 03-d", "a 02-b/c 03-d"),
        ("2024-05-06-news", "2024-05-06-news"),
        ("release/1.2", "release/1.2"),
        ("versioned_docs/version-2.0/02-setup", "docs/2.0/setup"),
        ("site/versioned_docs/version-2.0/setup", "site/docs/2.0/setup"),
        ("versioned_docs/version-2.0", "versioned_docs/version-2.0"),
        ("plain/path", "plain/path"),
    ],
)
def test_a_page_is_served_without_numbers_and_version_folders(path: str, served: str) -> None:
    assert served_path(path) == served
