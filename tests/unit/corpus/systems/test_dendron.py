import pytest

from docsearch_cli.corpus.systems.dendron import page_in_link


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("a.b", "a.b"),
        ("dendron://vault/a.b", "a.b"),
        ("a.b#summary,1:#*", "a.b#summary"),
        ("a.b#one:#two", "a.b#one"),
        ("a.b#*", "a.b"),
        ("a.b#^block", "a.b#^block"),
    ],
)
def test_the_note_that_a_link_means(target: str, page: str) -> None:
    assert page_in_link(target, {}) == page
