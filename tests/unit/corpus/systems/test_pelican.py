import pytest

from docsearch_cli.corpus.systems.pelican import address_of


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("{filename}a.md", "a.md"),
        ("{filename}/posts/a.md#x", "/posts/a.md#x"),
        ("|filename|a.md", "a.md"),
        ("{static}/x.pdf", "/x.pdf"),
        ("{tag}x", "{tag}x"),
        ("a.md", "a.md"),
    ],
)
def test_a_keyword_says_what_kind_of_file_it_is(target: str, address: str) -> None:
    assert address_of(target) == address
