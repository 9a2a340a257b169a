import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.corpus.encoding import decode
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.models import Document
from tests.support import usual_or_soak

Read = Callable[[str], Document]


def targets(document: Document) -> list[tuple[str, str, int]]:
    return [(link.target, link.text, link.line) for link in document.links]


def headings(document: Document) -> list[tuple[int, str, int, int]]:
    return [(s.level, s.heading, s.line_start, s.line_end) for s in document.sections]


def test_sections_begin_at_headings(markdown: Read) -> None:
    document = markdown("intro\n\n# One\n\ntext\n\n## Two\nmore\n\n\nThree\n=====\nend\n")

    assert headings(document) == [
        (0, "", 1, 1),
        (1, "One", 3, 5),
        (2, "Two", 7, 8),
        (1, "Three", 11, 13),
    ]
    assert document.sections[2].text == "## Two\nmore"


def test_headings_in_code_lists_and_quotes_open_no_section(markdown: Read) -> None:
    document = markdown("# A\n\n```\n# no\n```\n\n- # item\n\n> # quoted\n\n    # indented\n")

    assert [section.heading for section in document.sections] == ["A"]
    assert "item" in document.sections[0].anchors


def test_heading_text_is_plain(markdown: Read) -> None:
    document = markdown('# The `x_y` **of** [z](z.md) &amp; snake_case<a name="zed"></a> #\n')

    assert document.title == "The x_y of z & snake_case"
    assert "zed" in document.sections[0].anchors


def test_escaped_marks_are_characters(markdown: Read) -> None:
    assert markdown("# SQL\\*Plus and `__init__`\n").title == "SQL*Plus and __init__"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("---\ntitle: Matter\n---\n# Head\n", "Matter"),
        ("## Two\n\n# One\n", "One"),
        ("## Two\n\ntext\n", "my first note"),
        ("text\n\n## Two\n", "my first note"),
        ("text\n", "my first note"),
        ("# \n", "my first note"),
    ],
)
def test_title_comes_from_the_best_place(source: str, title: str) -> None:
    assert read_markdown("x/my-first_note.md", source, "").title == title


@pytest.mark.parametrize("name", ["index.md", "README.md", "x/_index.md"])
def test_file_whose_name_says_nothing_is_named_by_any_heading(name: str) -> None:
    assert read_markdown(name, "text\n\n## Two\n", "").title == "Two"


def test_front_matter_after_a_byte_order_mark_counts() -> None:
    source, _ = decode(b"\xef\xbb\xbf---\ntitle: T\n---\n# H")

    assert read_markdown("a.md", source, "").title == "T"


def test_front_matter_begins_the_first_section_and_lines_stay_true(markdown: Read) -> None:
    document = markdown("---\ntitle: T\naliases: [Tee]\n---\n\n# H\n[x](y.md)\n")

    assert headings(document) == [(1, "H", 1, 7)]
    assert targets(document) == [("y.md", "x", 7)]
    assert document.aliases == ("Tee",)


def test_rule_in_the_middle_is_body(markdown: Read) -> None:
    document = markdown("# A\n\n---\nx: y\n---\ntext")

    assert document.title == "A"
    assert "x: y" in document.sections[0].text + document.sections[-1].text


def test_related_of_front_matter_are_links(markdown: Read) -> None:
    document = markdown("---\ntitle: T\nrelated:\n- b.md\n- '[[C|see]]'\n---\n# H\n")

    assert targets(document) == [("b.md", "", 4), ("C", "see", 5)]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("[x](Hop_(networking).md)", "Hop_(networking).md"),
        ("[t](<a (b).md>)", "a (b).md"),
        ("[t](a%20b.md)", "a%20b.md"),
        ('[t](a.md "title")', "a.md"),
        ("[t](a.md 'title')", "a.md"),
        ("[t](<a.md> (title))", "a.md"),
        ("[t](a\\(b.md)", "a(b.md"),
        ("[t](a.md?x=1&amp;y=2#frag)", "a.md?x=1&y=2#frag"),
        ("[**bold** `code`](a.md)", "a.md"),
        ("[![alt](i.png)](a.md)", "a.md"),
        ("[t][ref]\n\n[REF]: a.md 'x'", "a.md"),
        ("[ref][]\n\n[ref]: <a.md>", "a.md"),
        ("[ref]\n\n[ref]: a.md", "a.md"),
        ("<https://x.org/a>", "https://x.org/a"),
        ('text <a class="k" href="a.md">t</a>', "a.md"),
        ("<div>\n<a href='a.md'>t</a>\n</div>", "a.md"),
        ("[[note]]", "note"),
        ("[[note|label]]", "note"),
        ("[[folder/note#head]]", "folder/note#head"),
        ("[[#local]]", "#local"),
        ("![[Note]]", "Note"),
        ("![[file.pdf#page=3]]", "file.pdf#page=3"),
        ("![a page](paper.pdf)", "paper.pdf"),
        ("| a | b |\n|---|---|\n| [[note\\|label]] | c |", "note"),
    ],
)
def test_every_way_to_write_a_link(markdown: Read, source: str, target: str) -> None:
    assert [link.target for link in markdown(source).links] == [target]


@pytest.mark.parametrize(
    "source",
    [
        "```\n[x](b.md)\n```",
        "~~~~\n[x](b.md)\n```\n[[b]]\n~~~~",
        "    [x](b.md)",
        "`[[b]]` and ``[x](b.md)``",
        "<!-- [x](b.md) <a href='b.md'>x</a> [[b]] -->",
        "text <!-- [x](b.md) --> text",
        "\\[x](b.md)",
        "![alt](picture.png)",
        "%% [[b]] %%",
        "text %%[[b]] and\n[[c]]%% text",
        "[not a link]",
        "<script>\n'<a href=\"b.md\">'\n</script>",
        "[ref]: b.md",
        "a[^1]\n\n[^1]: b.md",
        "a[^one]\n\n[^one]: b.md\n[^two]: c.md",
        "[^note][] and [x][^note] and [@knuth][]",
        "- [x] done\n- [ ] not\n\n[x]: b.md",
        "1. [X] done\n\n[x]: b.md",
        "the matrix $f[x](y)$ and $$[[1]]$$",
        "$$\na[x](y)\n$$",
    ],
)
def test_what_only_looks_like_a_link(markdown: Read, source: str) -> None:
    assert markdown(source).links == ()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a[^1]\n\n[^1]: See [x](b.md).\n    [y](c.md)\n\n    [z](d.md)", [
            ("b.md", "x", 3), ("c.md", "y", 4), ("d.md", "z", 6),
        ]),
        ("[^1]: Ibid.\n[^2]: [x](b.md)\n\n[k]: l.md\n\n[k]", [("b.md", "x", 2), ("l.md", "k", 6)]),
        ("- [x](b.md)\n- [x] [y](c.md)\n\n[x]: d.md", [("b.md", "x", 1), ("c.md", "y", 2)]),
        ("$5 [t](u.md) or $6", [("u.md", "t", 1)]),
        ("the $x$ of [t $y$](u.md)", [("u.md", "t $y$", 1)]),
        ("`$a` [t](u.md) `$b`", [("u.md", "t", 1)]),
    ],
)  # fmt: skip
def test_links_beside_what_is_none(
    markdown: Read, source: str, found: list[tuple[str, str, int]]
) -> None:
    assert targets(markdown(source)) == found


@pytest.mark.parametrize("source", ["[`x`][]", "[t][`x`]", "[`x`]"])
def test_definition_of_code_leads_where_it_says_and_nowhere_else(
    markdown: Read, source: str
) -> None:
    links = markdown(f"{source}\n\n[`x`]: a.md\n").links

    assert [(link.target, link.syntax) for link in links] == [("a.md", "url")]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("[x]({{ site.repository }}/issues/1)", "{{ site.repository }}/issues/1"),
        ("[x]({{ 'a (b)' | relative_url }} \"title\")", "{{ 'a (b)' | relative_url }}"),
        ('<a href="{{ "a b" | url }}">x</a>', '{{ "a b" | url }}'),
        ("[x]\n\n[x]: {{ site.baseurl }}/a", "{{ site.baseurl }}/a"),
        ("[x](/{{ a b }}/{% link c.md %}#d)", "/{{ a b }}/{% link c.md %}#d"),
        ("[x](a\u00a0b.md)", "a\u00a0b.md"),
    ],
)
def test_address_with_a_template_stays_as_it_is_written(
    markdown: Read, source: str, target: str
) -> None:
    assert [link.target for link in markdown(source).links] == [target]


def test_an_embedded_attachment_is_a_link(markdown: Read) -> None:
    (link,) = markdown("![[picture.png|100]]").links

    assert (link.target, link.syntax) == ("picture.png", "wiki")


def test_a_wiki_link_between_two_comments_counts(markdown: Read) -> None:
    (link,) = markdown("%% one %% [[b]] %% two %%").links

    assert link.target == "b"


def test_wiki_link_has_its_own_syntax_and_label(markdown: Read) -> None:
    (link,) = markdown("see [[Note|the note]]").links

    assert (link.syntax, link.text) == ("wiki", "the note")


def test_cited_number_in_brackets_is_a_plain_link(markdown: Read) -> None:
    (link,) = markdown("as shown [[1]](a.md)").links

    assert (link.target, link.syntax) == ("a.md", "url")


def test_lines_are_those_of_the_link(markdown: Read) -> None:
    document = markdown(
        "# H\n\nwrapped text\nwith [one](1.md) and\n[two\nlines](2.md)\n\n"
        "- item\n\n  more\n  [three](3.md)\n\n> quote\n> [four](4.md)\n\n"
        "| a |\n|---|\n| x |\n| [five](5.md) |\n\n"
        "<p>\n\n<p>\n<a href='6.md'>six</a></p>\n"
    )  # fmt: skip

    assert [(link.target, link.line) for link in document.links] == [
        ("1.md", 4), ("2.md", 5), ("3.md", 11), ("4.md", 14), ("5.md", 19), ("6.md", 24),
    ]  # fmt: skip


def test_paragraph_that_begins_with_a_no_break_space_keeps_its_lines(markdown: Read) -> None:
    assert targets(markdown("a\n\n   \u00a0 \n[x](y.md)\n")) == [("y.md", "x", 4)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind(markdown: Read, end: str) -> None:
    document = markdown(end.join(["# H", "", "a", "[x](y.md)", "", "## I", "b"]))

    assert headings(document) == [(1, "H", 1, 4), (2, "I", 6, 7)]
    assert document.links[0].line == 4
    assert document.sections[1].text == f"## I{end}b"


def test_separators_that_end_no_line_do_not_shift_lines(markdown: Read) -> None:
    assert markdown("# H\n\na\u2028b\x0cc\x85d\n[x](y.md)").links[0].line == 4


def test_slugs_are_numbered_as_on_github(markdown: Read) -> None:
    document = markdown("# What's New?\n## Use it\n## Use it\n## Use-it & more\n")

    assert [section.anchors[0] for section in document.sections] == [
        "whats-new", "use-it", "use-it-1", "use-it--more",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "anchor"),
    [
        ("# T {.class #own}", "own"),
        ("# T {: .class #own }", "own"),
        ("# T { #own }", "own"),
        ('# T <small>x</small> { id="own" }', "own"),
        ("text\n{: id='own' .class}", "own"),
        ("text\n{ #+own.part }", "+own.part"),
        ("text\n{: #own}", "own"),
        ("text [](){ #own }", "own"),
        ("[span]{#own .class}", "own"),
        ("::: {.panel #own}\ntext\n:::", "own"),
        ("![cap](x.png){#fig-own}", "fig-own"),
        ("```{python}\n#| label: fig-own\n```", "fig-own"),
        ("```{figure} x.png\n:name: own\n```", "own"),
        ("`some.setting`\n: what it does", "somesetting"),
        ("Term\n: one\n\nTerm\n: two", "term-1"),
        ("text <!-- md:option a.b -->", "+a.b"),
        ("Other Term\n\n: what it is", "other-term"),
        ("<h2 align=center>The <b>Way</b> in</h2>", "the-way-in"),
        ('x <a name="own"></a>', "own"),
    ],
)
def test_every_way_to_write_an_anchor(markdown: Read, source: str, anchor: str) -> None:
    (section,) = markdown(f"{source}\n").sections

    assert anchor in section.anchors


@pytest.mark.parametrize("attributes", ["{.unnumbered}", "{-}", "{: .no_toc }", "{key=value}"])
def test_attributes_are_no_part_of_a_heading(markdown: Read, attributes: str) -> None:
    (section,) = markdown(f"# Set {attributes}\n").sections

    assert (section.heading, section.anchors) == ("Set", ("set",))


def test_braces_that_are_no_attributes_stay_in_a_heading(markdown: Read) -> None:
    assert [section.heading for section in markdown("# A {b c}\n\n# {}\n").sections] == [
        "A {b c}",
        "{}",
    ]


def test_custom_ids_and_block_ids_are_anchors(markdown: Read) -> None:
    document = markdown("# Setup {#install}\ntext ^b15695\n\n<span id='spot'>x</span>\n")

    assert document.sections[0].heading == "Setup"
    assert document.sections[0].anchors == ("setup", "install", "spot", "^b15695")


def test_block_id_may_follow_an_embed_at_once(markdown: Read) -> None:
    assert markdown("# H\n![[a.png]]^shot\n").sections[0].anchors == ("h", "^shot")


def test_tags_come_from_front_matter(markdown: Read) -> None:
    assert markdown("---\ntags: [a, '#b']\n---\nx").tags == ("a", "b")


def test_deep_nesting_is_survived(markdown: Read) -> None:
    document = markdown("> " * 3000 + "deep\n\n" + "[" * 5000 + "\n\n" + "- " * 500 + "x\n")

    assert document.sections


@settings(max_examples=usual_or_soak(50, 200), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("[LINK](t.md)", "[[LINK]]", "<a href='t.md'>LINK</a>", "word ", "\n", "\n\n"),
                *("- ", "> ", "`", "```\n", "| a |\n|--|\n", "# ", "**", "<!--", "-->", "  "),
                *("\r\n", "1. ", "\u00a0"),
            ]
        ),
        max_size=30,
    )
)
def test_the_line_of_a_link_holds_its_text(pieces: list[str]) -> None:
    source = "".join(pieces)
    lines = re.split(r"\r\n|\n|\r", source)

    for link in read_markdown("x.md", source, "").links:
        assert link.text.split("\n")[0][:4] in lines[link.line - 1] or "LINK" not in link.text


@pytest.mark.parametrize("text", ["![shown]({})", "a *b* ![shown]({} 'title') <i>c</i>"])
@pytest.mark.parametrize(
    ("target", "is_link"),
    [
        *((page, True) for page in ("a.md", "a.adoc#x", "a.PDF?page=2", "a.mkd")),
        *((picture, False) for picture in ("a.png", "a.log", "a", ".md")),
    ],
)
def test_an_image_of_a_page_is_a_link(
    markdown: Callable[[str], Document], text: str, target: str, is_link: bool
) -> None:
    links = markdown(text.format(target)).links

    assert [link.target for link in links] == ([target] if is_link else [])


def test_a_paragraph_of_comments_has_no_links_and_a_sign_of_percent_is_no_comment() -> None:
    text = "% [a](a.md)\n% [b](b.md)\n\nGrew by 50\n% of [c](c.md).\n\n- x\n  % [d](d.md)\n"
    document = read_markdown("x.md", text, "")

    assert [(link.target, link.line) for link in document.links] == [("c.md", 5), ("d.md", 8)]
