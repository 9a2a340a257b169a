"""Files that are part of pages: their places, their own links, rings of them."""

import time

import pytest

from docsearch_cli.corpus.formats.asciidoc import read_asciidoc
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.org import read_org
from docsearch_cli.corpus.formats.rst import read_rst
from tests.resolving import LinkReport, resolve_links

_READERS = {".rst": read_rst, ".adoc": read_asciidoc, ".org": read_org}


def resolve(files: dict[str, str], *others: str) -> LinkReport:
    documents = [
        _READERS.get(path[path.rfind(".") :], read_markdown)(path, source, "")
        for path, source in sorted(files.items())
    ]
    return resolve_links(documents, other_files=frozenset(others))


def edges(report: LinkReport) -> set[tuple[str, str]]:
    return {(edge.source_path, edge.target_path) for edge in report.edges}


@pytest.mark.parametrize(
    ("page", "written", "part", "content"),
    [
        ("a.qmd", "{{< include _x.qmd >}}", "_x.qmd", "## Rule one"),
        ("g/a.md", '--8<-- "parts/x.md"', "g/parts/x.md", "## Rule one"),
        ("docs/a.md", '--8<-- "x.md"', "snippets/x.md", "## Rule one"),
        ("docs/a.md", '--8<-- "deep/x.md"', "set/by/config/deep/x.md", "## Rule one"),
        ("src/a.md", "{{#include ../parts/x.md}}", "parts/x.md", "## Rule one"),
        ("a.md", "```{include} x.md\n```", "x.md", "## Rule one"),
        ("p/a.md", "{% include x.md %}", "_includes/x.md", "## Rule one"),
        ("p/a.md", "{% include_relative x.md %}", "p/x.md", "## Rule one"),
        ("docs/a.mdx", "import X from './_x.mdx'\n\n<X />", "docs/_x.mdx", "## Rule one"),
        ("a.rst", "A\n=\n\n.. include:: x.rst\n", "x.rst", "Rule one\n--------\n"),
        ("a.adoc", "= A\n\ninclude::x.adoc[]\n", "x.adoc", "== Rule one\n"),
        (
            "modules/ROOT/pages/a.adoc",
            "= A\n\ninclude::partial$x.adoc[]\n",
            "modules/ROOT/partials/x.adoc",
            "== Rule one\n",
        ),
        (
            "modules/ROOT/pages/a.adoc",
            "= A\n\ninclude::other:partial$x.adoc[]\n",
            "modules/other/partials/x.adoc",
            "== Rule one\n",
        ),
        ("a.org", '#+INCLUDE: "x.org"\n', "x.org", "* Rule one\n"),
    ],
)
def test_places_of_an_included_file_are_those_of_the_page(
    page: str, written: str, part: str, content: str
) -> None:
    link = f"[x](/{page}#rule-one) [y](/{page}#gone)"

    report = resolve({page: f"{written}\n", part: f"{content}\n\ntext\n", "z.md": link})

    assert (page, part) in edges(report)
    assert [row.target for row in report.broken] == [f"/{page}#gone"]


def test_page_leads_to_places_of_its_parts_and_parts_to_those_of_the_page() -> None:
    report = resolve(
        {
            "a.md": "# Top\n\n[x](#rule) [y](#gone)\n\n{{#include p/b.md}}\n{{#include p/c.md}}\n",
            "p/b.md": "## Rule\n\n[x](#top) [y](#other) [z](#missing)\n",
            "p/c.md": "## Other\n",
        }
    )

    assert [row.target for row in report.broken] == ["#gone", "#missing"]


def test_link_of_a_part_may_be_meant_from_the_folder_of_the_page() -> None:
    report = resolve(
        {
            "docs/a.md": "{{#include ../parts/b.md}}\n",
            "docs/c.md": "# C\n",
            "parts/b.md": "[x](c.md) [y](gone.md)\n",
        }
    )

    assert ("parts/b.md", "docs/c.md") in edges(report)
    assert [row.target for row in report.broken] == ["gone.md"]


def test_places_of_a_page_with_a_part_that_is_not_here_are_not_known() -> None:
    report = resolve(
        {
            "a.adoc": "= A\n\ninclude::gone.adoc[]\n",
            "b.adoc": "= B\n\ninclude::listing.rb[]\n",
            "c.adoc": "= C\n\nxref:a.adoc#x[] and xref:b.adoc#x[]\n",
        }
    )

    assert [row.target for row in report.broken] == ["gone.adoc", "b.adoc#x"]


def test_part_of_a_part_is_part_of_the_page() -> None:
    report = resolve(
        {
            "a.md": "{{#include b.md}}\n",
            "b.md": "{{#include c.md}}\n",
            "c.md": "# Deep\n",
            "d.md": "[x](a.md#deep)",
        }
    )

    assert report.broken == ()


def test_files_that_include_each_other_come_to_an_end() -> None:
    report = resolve(
        {
            "a.md": "{{#include b.md}}\n{{#include a.md}}\n[x](#gone) [y](gone.md)\n",
            "b.md": "{{#include a.md}}\n[x](#gone)\n",
        }
    )

    assert [row.target for row in report.broken] == ["#gone", "gone.md", "#gone"]


def test_very_many_inclusions_take_linear_time() -> None:
    chain = {f"{number}.md": f"{{{{#include {number + 1}.md}}}}\n" for number in range(3000)}
    began = time.process_time()

    report = resolve({**chain, "z.md": "[x](0.md#gone)"})

    assert [row.target for row in report.broken] == ["3000.md", "0.md#gone"]
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("written", "reasons"),
    [
        ("{{< include gone.qmd >}}", ["missing"]),
        ("{{#include ../../../etc/x.md}}", ["outside"]),
        ("{{#include /etc/passwd}}", []),
        ("{{#include listing.rs}}", []),
        ('--8<-- "gone.md"', []),
        ("{% include gone.md %}", []),
    ],
)
def test_only_a_page_that_must_be_there_is_missed(written: str, reasons: list[str]) -> None:
    report = resolve({"g/a.md": f"{written}\n"})

    assert [row.reason for row in report.broken] == reasons
    assert report.edges == ()
