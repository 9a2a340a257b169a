import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.rst import read_rst
from docsearch_cli.corpus.link_exceptions import mark_exceptions


def excused(text: str) -> list[str]:
    document = mark_exceptions(read_markdown("a.md", text, ""), text)
    return [link.target for link in document.links if link.is_excused]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[x](a) <!-- docsearch-ignore -->\n[y](b)\n", ["a"]),
        ("<!-- docsearch-ignore -->\n[x](a)\n[y](b)\n", ["a"]),
        ("<!-- docsearch-ignore: it is made later -->\r\n\r\n[x](a)\r\n[y](b)\r\n", ["a"]),
        ("{/* docsearch-ignore */}\n[x](a) [y](b)\n", ["a", "b"]),
        (
            "[w](a)\n\n<!-- docsearch-ignore-begin -->\n[x](b)\n\n[y](c)\n\n"
            "<!-- docsearch-ignore-end -->\n[z](d)\n",
            ["b", "c"],
        ),
        ("[x](a)\n\n<!-- docsearch-ignored -->\n[y](b)\n", []),
        ("[x](a)\n", []),
    ],
)
def test_marked_links(text: str, targets: list[str]) -> None:
    assert excused(text) == targets


def test_comment_of_another_format() -> None:
    text = "A\n=\n\n.. docsearch-ignore\n\n`x <a.rst>`_\n\n`y <b.rst>`_\n"

    document = mark_exceptions(read_rst("a.rst", text, ""), text)

    assert [link.is_excused for link in document.links] == [True, False]


def test_document_without_a_mark_stays_the_same_object() -> None:
    document = read_markdown("a.md", "[x](b)", "")

    assert mark_exceptions(document, "[x](b)") is document
