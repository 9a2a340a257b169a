import pytest

from docsearch_cli.corpus.systems.sphinx import address_of


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("project:a.md#x", "a.md#x"),
        ("project:#label", "#label"),
        ("path:../x.txt", "../x.txt"),
        ("project://x", "project://x"),
        ("inv:python#x", "inv:python#x"),
    ],
)
def test_pages_of_the_project_may_be_named_as_such(target: str, address: str) -> None:
    assert address_of(target) == address
