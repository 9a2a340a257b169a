import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.html_plain import is_blank_html, plain_html
from docsearch_cli.models import Document
from tests.support import usual_or_soak

FIXTURES = Path(__file__).parents[3] / "fixtures" / "corpus"


def read(source: str) -> Document:
    return read_html("my-page.html", source, "")


PAGE = """<!doctype html>
<html><head><title>Guide &amp; more</title><style>h1 { color: red }</style></head>
<body>
<nav><a href="home.html">Home</a></nav>
<h1 id="top">The <em>Guide</em></h1>
<p>Read <a href="a.html#x">the
first</a> page.</p>
<script>document.write("<h2>no</h2><a href='no.html'>no</a>")</script>
<p>After the script.</p>
<section id="more"><h2>More</h2>
<p>Text<br>and <a class=k href=b.html>b</a></p></section>
<!-- <h2>hidden</h2> <a href="hidden.html">x</a> -->
</body></html>
"""


def test_sections_begin_at_headings_and_leave_out_what_nobody_reads() -> None:
    document = read(PAGE)

    assert [(s.heading, s.level, s.line_start, s.line_end) for s in document.sections] == [
        ("The Guide", 1, 5, 7),
        ("The Guide", 1, 9, 10),
        ("More", 2, 10, 13),
    ]
    assert not any("document.write" in section.text for section in document.sections)


def test_section_text_is_a_slice_of_the_file() -> None:
    assert all(section.text in PAGE for section in read(PAGE).sections)


def test_links_have_their_lines_and_navigation_is_left_out() -> None:
    links = [(link.target, link.text, link.line) for link in read(PAGE).links]

    assert links == [("a.html#x", "the first", 6), ("b.html", "b", 11)]


def test_page_of_nothing_but_navigation_keeps_its_links() -> None:
    document = read("<nav><a href='a.html'>A</a></nav><p>text</p>")

    assert [link.target for link in document.links] == ["a.html"]


def test_what_the_head_says_of_a_page_is_read_with_its_lines() -> None:
    source = (
        '<html><head>\n<meta charset="utf-8">\n'
        '<meta content="All &amp; about\nlooms." name=Description>\n'
        "<meta name='keywords' content='warp, weft'><meta name=author content='x'>\n"
        "</head><body><p id=a>Text.</p></body></html>"
    )
    document = read(source)

    assert document.tags == ("warp", "weft")
    assert [(s.text, s.line_start, s.line_end, s.anchors) for s in document.sections] == [
        ("All &amp; about\nlooms.", 3, 4, ()),
        ("<body><p id=a>Text.</p></body></html>", 6, 6, ("a",)),
    ]


def test_neighbours_in_the_head_are_links_of_a_page_without_others() -> None:
    head = '<head><link rel="next" href="b.html" title="B"><link rel=stylesheet href=s.css></head>'

    assert [(link.target, link.text) for link in read(f"{head}<p>x").links] == [("b.html", "B")]
    assert [link.target for link in read(f"{head}<p><a href=c.html>c</a>").links] == ["c.html"]


@pytest.mark.parametrize(
    ("base", "target", "seen"),
    [
        ("../", "a.html#x", "../a.html#x"),
        ("../en/index.html", "b/a.html", "../en/b/a.html"),
        ("/", "a/", "/a/"),
        ("https://example.org/d/x.html", "a.html", "https://example.org/d/a.html"),
        ("../", "#x", "#x"),
        ("../", "/a", "/a"),
        ("../", "mailto:x@example.org", "mailto:x@example.org"),
        ("index.html", "a.html", "a.html"),
    ],
)
def test_addresses_are_relative_to_the_base_of_a_page(base: str, target: str, seen: str) -> None:
    document = read(f'<head><base target=_top href="{base}"></head><a href="{target}">x</a>')

    assert [link.target for link in document.links] == [seen]


def test_menu_that_is_one_by_its_role_only_is_left_out() -> None:
    document = read(
        "<div class='related' role=\"navigation\"><h3>Navigation</h3><div><a href='n.html'>next</a>"
        "</div></div><div role='main'><h1>Title</h1><p>See <a href='a.html'>A</a>.</p></div>"
    )

    assert [section.heading for section in document.sections] == ["Title"]
    assert [link.target for link in document.links] == ["a.html"]


def test_sign_for_copying_a_headings_address_is_no_text_of_it() -> None:
    (section,) = read(
        '<section id="u"><h2>Use it<a class="headerlink" href="#u" title="x">\u00b6</a></h2>'
        '<p>a <a href="#b">b</a></p>'
    ).sections

    assert section.heading == "Use it"
    assert plain_html(section.text).split() == ["Use", "it", "a", "b"]


@pytest.mark.parametrize("words", [8, 200])
def test_tags_longer_than_the_text_do_not_get_into_a_heading(words: int) -> None:
    word = '<code class="xref std std-envvar docutils literal notranslate">word</code> '
    link = '<a class="headerlink" href="#x" title="Permalink to this heading">¶</a>'

    document = read(f'<h2>{word * words}{link}</h2><p><a href="b.html">{word * words}</a></p>')

    heading, text = document.sections[0].heading, document.links[-1].text
    assert set(heading.split()) == set(text.split()) == {"word"}
    assert heading.count("word") == text.count("word") == min(words, heading.count("word"))
    assert heading.count("word") >= min(words, 40)


def test_id_of_a_wrapper_belongs_to_the_heading_inside_it() -> None:
    sections = read(PAGE).sections

    assert sections[0].anchors == ("top",)
    assert sections[-1].anchors == ("more",)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("---\ntitle: Matter\n---\n<title>T</title><h1>H</h1>", "Matter"),
        ("<title>T &lt;x&gt;</title><h1>H</h1>", "T <x>"),
        ("<h2>Two</h2><h1>One</h1>", "One"),
        ("<title>Use it \u2014 Product 3.2 documentation</title><h1>Use it</h1>", "Use it"),
        ("<title>Use it | Product</title><h1>USE IT</h1>", "USE IT"),
        ("<title>Use it: a guide</title><h1>Use it</h1>", "Use it: a guide"),
        ("<h3>Three</h3>", "Three"),
        ("<p>text</p>", "my page"),
        ("<svg><title>drawing</title></svg><p>x</p>", "my page"),
    ],
)
def test_title_comes_from_the_best_place(source: str, title: str) -> None:
    assert read(source).title == title


def test_jekyll_front_matter_begins_the_first_section_and_lines_stay_true() -> None:
    document = read("---\n# Copyright\ntitle: T\n---\n\n<h2>A</h2>\n{% include x.html %}\n")

    assert [(s.heading, s.line_start, s.line_end) for s in document.sections] == [("A", 1, 7)]


def test_element_that_is_never_closed_hides_nothing() -> None:
    document = read("<nav><a href='a.html'>A</a><h1>Title</h1><p>text</p>")

    assert document.title == "Title"
    assert document.links


def test_greater_sign_inside_an_attribute_ends_no_tag() -> None:
    document = read('<p><a title="a > b" href="x.html">t</a></p>')

    assert document.links[0].target == "x.html"


def test_entities_in_targets_are_decoded() -> None:
    assert read('<a href="a.html?x=1&amp;y=2">t</a>').links[0].target == "a.html?x=1&y=2"


@pytest.mark.parametrize("piece", ["<", "<a ", '<a "', "<a href='", "<!--", "<h1>", "</", "<svg>"])
def test_hostile_input_takes_linear_time(piece: str) -> None:
    began = time.process_time()

    read(piece * (200_000 // len(piece)))

    assert time.process_time() - began < 5


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("*.html")), ids=lambda file: file.name)
def test_headings_and_links_agree_with_an_html_parser(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    document = read(source)
    tree = LexborHTMLParser(source)
    tree.strip_tags(["nav", "template"])

    assert list(dict.fromkeys(s.heading for s in document.sections if s.level)) == list(
        dict.fromkeys(" ".join(node.text().split()) for node in tree.css("h1,h2,h3,h4,h5,h6"))
    )
    assert [link.target for link in document.links] == [
        node.attributes["href"] for node in tree.css("a[href]")
    ]


# Parts of pages, with "¦" between them.
_BLANK_PARTS = (
    "<p>¦</p>¦<b>¦</b>¦<br/>¦ ¦\n¦&nbsp;¦&#32;¦&amp;¦&#¦32;¦word¦<!-- c -->¦<script>¦</script>"
    "¦<svg>¦</svg>¦<a href='#x'>¦<a class=h href=#y>¦#¦¶¦&para;¦</a>¦<a href='u'>¦<¦>¦href='#z'>"
    "¦<a <a href='#'>#</a>"
)


@settings(max_examples=usual_or_soak(100, 400), deadline=None)
@given(st.lists(st.sampled_from(_BLANK_PARTS.split("¦")), max_size=12).map("".join))
def test_blank_is_what_has_no_plain_text(text: str) -> None:
    assert is_blank_html(text) == (not plain_html(text).strip())


def test_a_permalink_alone_is_blank() -> None:
    assert is_blank_html("<p><a class='headerlink' href='#use'>¶</a></p>\n")


def test_a_smaller_than_sign_in_a_heading_is_text() -> None:
    document = read("<h1>A</h1><p>x</p><h2>If x < y holds</h2><p>So.</p>")

    assert document.sections[-1].heading == "If x < y holds"


REFERENCE = """<h1>Options</h1><p>All of them.</p><dl>
<dt id="a">alpha (default: 5)<a class="headerlink" href="#a">¶</a></dt><dd>How many.</dd>
<dt><b><a name="b">beta</a></b><dd>Which one.
<dl><dt id="b.x">x</dt><dd>Inner.</dd></dl>
<dt>no name</dt><dd>Of beta still.</dd>
</dl><p>After the list.</p><h2>More</h2><p>Text.</p>"""


def test_terms_that_can_be_linked_to_are_headings_of_a_reference() -> None:
    sections = read_html("o.html", REFERENCE, "").sections
    found = [(section.heading, section.level, section.anchors) for section in sections]

    assert found == [
        ("Options", 1, ()),
        ("alpha (default: 5)", 2, ("a",)),
        ("beta", 2, ("b",)),
        ("x", 3, ("b.x",)),
        ("Options", 1, ()),
        ("More", 2, ()),
    ]
    assert "no name" in sections[3].text
    assert "After the list." in sections[4].text


def test_a_page_with_a_term_or_two_is_no_reference() -> None:
    text = "<h1>A</h1><dl><dt id='a'>a</dt><dd>x</dd><dt id='b'>b</dt><dd>y</dd></dl>"

    assert [section.heading for section in read_html("o.html", text, "").sections] == ["A"]


def test_places_in_what_says_nothing_are_places_of_the_page() -> None:
    page = """<h1>A</h1><p>a</p><dl><dt id="t1">one</dt><dd>x</dd><dt id="t2">two</dt><dd>y</dd>
<dt id="t3">three</dt><dd>z</dd></dl>

<span id="last"></span>
</div></body>
"""
    sections = read_html("a.html", page, "").sections

    assert "last" in sections[-1].anchors
    assert read_html("b.html", "<a id=x></a>", "").sections == ()
