import pytest

from docsearch_cli.corpus.formats.asciidoc import read_asciidoc
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.models import Document
from tests.resolving import resolve_links


def read(source: str, path: str = "my-page.adoc") -> Document:
    return read_asciidoc(path, source, "")


def links(source: str) -> list[tuple[str, str, int, str]]:
    return [(link.target, link.text, link.line, link.syntax) for link in read(source).links]


PAGE = """\
// a comment = no title
= The _Guide_ to it
:keywords: one, two
:base: sub

Intro.

[#first]
== First part

----
== no title
xref:no.adoc[]
----

====
== no section
inside
====

[[setext]]
Second part
-----------
Some text. More [[spot]]of it.

.A title
* item *bold*. Then 1. more - of xref:b.adoc[two
words]
** deeper `code`
+
more

|===
| a | b
|===
"""


def test_sections_begin_at_headings_outside_of_blocks() -> None:
    document = read(PAGE)

    assert [(s.level, s.heading, s.line_start, s.line_end) for s in document.sections] == [
        (1, "The Guide to it", 2, 8), (2, "First part", 9, 21), (2, "Second part", 22, 35),
    ]  # fmt: skip
    assert document.title == "The Guide to it"
    assert document.tags == ("one", "two")
    assert all(section.text in PAGE for section in document.sections)


def test_ids_are_anchors_of_what_they_stand_above_or_in() -> None:
    document = read(PAGE)

    assert document.sections[1].anchors == ("first", "_first_part", "first-part")
    assert document.sections[2].anchors == ("setext", "_second_part", "second-part", "spot")
    assert document.labels == ("first", "setext", "spot")


def test_text_without_marks() -> None:
    section = read(PAGE).sections[2]

    assert plain_text(section.text, "asciidoc").split("\n")[:5] == [
        "Second part", "Some text. More of it.", "", "A title", "item bold. Then 1. more - of two",
    ]  # fmt: skip
    assert [unit.plain for unit in sentences(section.text, "asciidoc")] == [
        "Second part", "Some text.", "More of it.", "A title", "item bold.",
        "Then 1. more - of two words", "deeper code", "more",
        "a b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("xref:page.adoc#id[the text]", ("page.adoc#id", "the text", 1, "url")),
        ("xref:page.adoc[]", ("page.adoc", "", 1, "url")),
        ("a\nxref:page.adoc[two\nlines]", ("page.adoc", "two lines", 2, "url")),
        ("xref:mod:page.adoc#x[t]", ("xref:mod:page.adoc#x", "t", 1, "url")),
        ("xref:mod:page$page.adoc[t]", ("xref:mod:page$page.adoc", "t", 1, "url")),
        ("xref:comp::page.adoc[t]", ("xref:comp::page.adoc", "t", 1, "url")),
        ("xref:2.0@comp:mod:p.adoc[t]", ("xref:2.0@comp:mod:p.adoc", "t", 1, "url")),
        ("<<other.adoc#id,text>>", ("other.adoc#id", "text", 1, "url")),
        ("<<here>>\n\n[[here]]\n== X", ("#here", "", 1, "url")),
        ("<<The Part,x>>\n\n== The Part", ("#The Part", "x", 1, "url")),
        ("<<elsewhere,x>>", ("elsewhere", "x", 1, "any")),
        ("link:page.html[text]", ("page.html", "text", 1, "url")),
        ("link:++a b.html++[text]", None),
        ("https://x.org/a[text]", ("https://x.org/a", "text", 1, "url")),
        ("see https://x.org/a.", ("https://x.org/a", "https://x.org/a", 1, "url")),
        ("include::part/one.adoc[leveloffset=+1]", ("part/one.adoc", "", 1, "include")),
        (":d: sub\n\nxref:{d}/a.adoc[t]", ("sub/a.adoc", "t", 3, "url")),
        ("xref:{unknown}/a.adoc[t]", ("{unknown}/a.adoc", "t", 1, "url")),
        ("`+xref:a.adoc[t]+`", None),
        ("\\xref:a.adoc[t] and \\<<x>>", None),
        ("----\nxref:a.adoc[t]\n----", None),
        ("....\nxref:a.adoc[t]\n....", None),
        ("////\nxref:a.adoc[t]\n////", None),
        ("// xref:a.adoc[t]", None),
        ("```ruby\nxref:a.adoc[t]\n```", None),
    ],
)
def test_every_way_to_write_a_reference(
    source: str, expected: tuple[str, str, int, str] | None
) -> None:
    assert links(source) == ([expected] if expected else [])


def test_title_falls_back_to_the_file_name() -> None:
    assert read("just text\n").title == "my page"


def test_links_resolve_as_antora_and_asciidoctor_do() -> None:
    pages = {
        "docs/modules/ROOT/pages/a.adoc": (
            "xref:b.adoc#part[b] xref:admin:sub/c.adoc[c] <<d-id>> xref:old.adoc[] xref:gone.adoc[]"
        ),
        "docs/modules/ROOT/pages/b.adoc": "= B\n\n[#part]\n== Part\n",
        "docs/modules/admin/pages/sub/c.adoc": "= C\n\nxref:d.adoc[]\n",
        "docs/modules/admin/pages/d.adoc": "= D\n:page-aliases: other.adoc\n\n[[d-id]]\n== Id\n",
        "docs/modules/ROOT/pages/new.adoc": "= New\n:page-aliases: old.adoc\n",
    }
    documents = [read(source, path) for path, source in sorted(pages.items())]

    report = resolve_links(documents)

    targets = [(edge.target_path[-6:], edge.target_section) for edge in report.edges]
    assert targets == [
        ("b.adoc", 1), ("c.adoc", None), ("d.adoc", 1), ("w.adoc", None), ("d.adoc", None),
    ]  # fmt: skip
    assert [row.target for row in report.broken] == ["gone.adoc"]


def test_antora_parts_words_of_an_id_at_dots_and_fills_in_attributes() -> None:
    source = (
        "= Page\n:prefix: api\n\n== delete.retention.ms\n\n[id={prefix}-loom]\n== Loom\n\n"
        "[id={unset}-x]\n== X\n\n== delete.retention.ms\n"
    )
    anchors = [section.anchors for section in read(source).sections]

    assert "delete-retention-ms" in anchors[1]
    assert "deleteretentionms" in anchors[1]
    assert anchors[2][0] == "api-loom"
    assert anchors[3][0] == "{unset}-x"
    assert "delete-retention-ms-1" in anchors[4]


def test_operators_in_code_are_no_cross_reference() -> None:
    source = "= A\n\n| 6 | `<<` &#160; `>>` &#160; `>>>`\n\n<<end, the end>>\n"

    assert [link.target for link in read_asciidoc("a.adoc", source, "").links] == ["end"]
