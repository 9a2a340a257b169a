import pytest

from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.manual_references import (
    page_of_file,
    reference_in,
    with_references,
)
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.models import Document
from tests.cpu_time import cpu_s, grows_linearly
from tests.resolving import resolve_links


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("man/loom.1.html", "loom(1)"),
        ("loom-warp.conf.5.md", "loom-warp.conf(5)"),
        ("x.3pm.txt", "x(3pm)"),
        ("loom.1.gz", ""),
        ("loom.md", ""),
        ("v1.0.html", ""),
        ("v1.2.md", ""),
        ("man/loom.1.after", ""),
        ("1.2.md", ""),
        ("news/release-1.2.md", ""),
        ("python3.1.html", "python3(1)"),
    ],
)
def test_a_file_is_named_as_its_manual_page(path: str, name: str) -> None:
    assert page_of_file(path) == name


def test_a_text_that_is_a_reference_alone_names_a_page() -> None:
    assert reference_in(" loom(1) ") == "loom(1)"
    assert reference_in("see loom(1)") == reference_in("f(x)") == reference_in("Figure (1)") == ""


def test_references_in_a_tree_of_manual_pages_lead_to_the_pages_that_are_there() -> None:
    pages = {
        "man/loom.1.md": "# loom\n\nSee **warp**(5), loom(1), printf(3) and warp(5).\n",
        "man/warp.5.md": "# The warp\n\nx\n",
        "guide.md": "# Guide\n\nSee warp(5).\n",
    }
    documents: list[Document] = [
        with_references(read_markdown(path, text, ""), text) for path, text in pages.items()
    ]
    report = resolve_links(sorted(documents, key=lambda document: document.path))

    assert [(e.source_path, e.target_path) for e in report.edges] == [
        ("man/loom.1.md", "man/warp.5.md")
    ]
    assert not report.broken


def test_a_link_to_a_manual_page_that_is_not_here_is_not_broken() -> None:
    text = (
        '<a href="../man5/warp.5.html">warp(5)</a> <a href="x/loom.html">loom(1)</a>'
        ' <a href="none.html">none</a>'
    )
    pages = {"guide.html": text, "l/loom.1.html": "<h1>loom</h1>"}
    documents = [with_references(read_html(path, t, ""), t) for path, t in pages.items()]
    report = resolve_links(documents)

    assert [edge.target_path for edge in report.edges] == ["l/loom.1.html"]
    assert [link.target for link in report.unknown] == ["../man5/warp.5.html"]
    assert [link.target for link in report.broken] == ["none.html"]


@pytest.mark.parametrize("piece", ["a(", "a(1", "a" * 70, "a</b>", "a.b(1)"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def cost_s(count: int) -> float:
        text = piece * count
        document = read_markdown("a.1.md", "x", "")
        return cpu_s(lambda: with_references(document, text))

    assert grows_linearly(cost_s, 16_000)


def test_a_reference_stands_on_its_line_as_editors_count() -> None:
    text = "# loom\n\na\x0cb\u2028c\n\nwarp(5)\n"
    document = with_references(read_markdown("loom.1.md", text, ""), text)

    assert [(link.target, link.line) for link in document.links] == [("warp(5)", 5)]
