import subprocess
import sys
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from docsearch_cli.corpus.formats.markdown_plain import markdown_blocks
from docsearch_cli.corpus.plain_text import plain_text, remembered_on_line, sentences
from docsearch_cli.models import Markup
from tests.cpu_time import cpu_s, grows_linearly
from tests.support import usual_or_soak

MARKUPS: tuple[Markup, ...] = (
    "markdown",
    "html",
    "rst",
    "text",
    "pdf",
    "notebook",
    "asciidoc",
    "org",
)
# What blocks, sentences and lines begin and end with, in one format or another.
LINE_PIECES = (
    *("One two.", " Three? ", "\n", "\n\n", "\r\n", "\r", "- item ", "* ", "| a | b |\n", "# H\n"),
    *("```\n", "    code()\n", "---\n", "t: x\n", "::\n\n", "----\n", "<p>", "</p>", "<b>x</b>"),
    *("<!--", "-->", "[x](y.md) ", "\u2028", "\x0c", "e.g. ", "。", "x" * 90 + ", ", "+++\n"),
)


def units(text: str, markup: Markup = "markdown") -> list[str]:
    return [unit.plain for unit in sentences(text, markup)]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("see [the docs](x_(y).md \"t\") now", "see the docs now"),
        ("see [the *docs*][ref] now", "see the docs now"),
        ("a ![diagram](x.png) here", "a diagram here"),
        ("[![badge](b.svg)](x.md)", "badge"),
        ("[[Note]] and [[a|b]] and [[N#H]]", "Note and b and N > H"),
        ("**bold** _em_ `co_de` ~~old~~ snake_case 2 * 3", "bold em co_de old snake_case 2 * 3"),
        ("# Head #", "Head"),
        ("# Head {#id}", "Head"),
        ("- [x] done", "done"),
        ("> quoted", "quoted"),
        ("a <b>c</b>\n<!-- [no](x) -->\nd", "a c\n\nd"),
        ("x<br/>y", "x y"),
        ("AT&amp;T &lt;x&gt;", "AT&T <x>"),
        ("Node\\.js \\[1\\]", "Node.js [1]"),
        ("| a | b |", "  a   b  "),
        ("array[0] and rows[i][j]", "array[0] and rows[i][j]"),
        ("<https://x.org/a>", "https://x.org/a"),
        ("text[^1]", "text"),
        ("[ref]: http://x.org 'T'", ""),
        ("`[[not]]` `a|b`", "[[not]] a|b"),
        ("# T<a name=\"x\"></a>", "T"),
        ("cut](x.md) off", "cut off"),
    ],
)  # fmt: skip
def test_markdown_as_it_reads(text: str, plain: str) -> None:
    assert plain_text(text, "markdown").strip() == plain.strip()


def test_code_in_a_fence_is_kept_as_it_is() -> None:
    assert plain_text("a\n```py\nx = __init__[0](y) * 2\n```\n**b**", "markdown") == (
        "a\nx = __init__[0](y) * 2\nb"
    )


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>a <b>b</b>c</p>", "a bc"),
        ("<td>a</td><td>b</td>", "a  b"),
        ("a &lt; b &amp;&nbsp;c", "a < b &\xa0c"),
        ("a<script>if (x < 1) {}</script>b<style>p {}</style>c", "abc"),
        ("a <!-- <b> --> b", "a  b"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<svg><title>x</title></svg>text", "text"),
        ("<noscript>never closed", "never closed"),
    ],
)
def test_html_as_it_reads(text: str, plain: str) -> None:
    assert plain_text(text, "html").strip() == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (":ref:`the text <label>` and :doc:`/a`", "the text and /a"),
        ("``co_de`` *em* **strong** |sub|", "co_de em strong sub"),
        ("`text <http://x.org>`_ and name_", "text and name"),
        ("Title\n=====\ntext", "Title\ntext"),
        (".. _label:\n.. image:: x.png\n.. note:: Beware", "Beware"),
        (".. a comment", ""),
        ("* .. _in-item:\n\n  text", "text"),
        ("the `\\<b\\>`_ element", "the <b> element"),
        ("Example::", "Example:"),
        (":param x: its use", "param x  its use"),
    ],
)
def test_rst_as_it_reads(text: str, plain: str) -> None:
    assert plain_text(text, "rst").strip() == plain


def test_sentences_stop_at_every_block() -> None:
    text = (
        "# Head\nOne. Two!\nStill two\n\n- item a\n- item b\n\n| r | 1 |\n|---|---|\n| s | 2 |\n"
        "```\ncode. Line\nmore\n```\nend"
    )

    assert units(text) == [
        *("Head", "One.", "Two!", "Still two", "item a", "item b", "r 1", "s 2"),
        *("code. Line", "more", "end"),
    ]


def test_line_offsets_count_from_the_beginning_of_the_text() -> None:
    found = sentences("# H\r\n\r\nA b. C\r\nd.\r\n", "markdown")

    assert [(unit.plain, unit.line_offset_start, unit.line_offset_end) for unit in found] == [
        ("H", 0, 0), ("A b.", 2, 2), ("C d.", 2, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. J. R. R. Tolkien met Mr. Smith, e.g. in the U.S. in 1937.",
        "Version 1.2.3 costs 3.50 dollars, i.e. more than v. 2.",
        "See Fig. 3 and No. 5 of vol. 2, p. 9.",
        "He was born in St. Louis on Jan. 5 approx. at noon.",
        "Use config.yaml or example.com for this.",
        "He asked \"Why?\" and left.",
        "J. K. Rowling et al. wrote it.",
    ],
)  # fmt: skip
def test_abbreviations_end_no_sentence(sentence: str) -> None:
    assert units(f"{sentence} Next one.") == [sentence, "Next one."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It ended in 1999. Then more.", ["It ended in 1999.", "Then more."]),
        ("He lives in the U.S. The town is small.", ["He lives in the U.S.", "The town is small."]),
        ("Choose **Save.** Then wait.", ["Choose Save.", "Then wait."]),
        ("Is it? Yes! \"Good.\" End.", ["Is it?", "Yes!", '"Good."', "End."]),
        ("中文。这是第二句！好吗？", ["中文。", "这是第二句！", "好吗？"]),
        ("Wait... and see. Ok.", ["Wait... and see.", "Ok."]),
        ("Node\\.js is fine\\. Next\\.", ["Node.js is fine.", "Next."]),
    ],
)  # fmt: skip
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert units(text) == expected


def test_long_sentence_is_cut_at_a_clause_and_not_inside_a_link() -> None:
    text = (
        "word " * 50 + "clause; " + "more " * 20 + "[a long link text](target.md) " + "tail " * 60
    )

    found = sentences(text, "markdown")

    assert all(len(unit.plain) <= 400 for unit in found)
    assert found[0].plain.endswith("clause;")
    assert not any("target.md" in unit.plain for unit in found)


def test_text_without_spaces_is_cut_all_the_same() -> None:
    assert all(unit.end - unit.start <= 400 for unit in sentences("x" * 5000, "text"))


def test_full_stop_inside_a_tag_ends_nothing() -> None:
    assert units('<p>See <a title="One. Two">this</a> now. Next.</p>', "html") == [
        "See this now.", "Next.",
    ]  # fmt: skip


def test_html_rows_and_preformatted_lines_are_units() -> None:
    text = "<table><tr><td>A. B</td><td>2</td></tr></table><pre>x = 1. Y\ny</pre><li>item"

    assert units(text, "html") == ["A. B 2", "x = 1. Y", "y", "item"]


def test_rst_label_in_an_item_is_no_unit() -> None:
    assert units("* .. _in-item:\n  It runs.\n", "rst") == ["It runs."]


def test_rst_literal_lines_and_items_are_units() -> None:
    text = "Title\n=====\n\nPara one. Two::\n\n  code. Line\n  more\n\n- a\n- b\n"

    assert units(text, "rst") == ["Title", "Para one.", "Two:", "code. Line", "more", "a", "b"]


def test_nothing_readable_gives_no_unit() -> None:
    assert units("---\n\n***\n\n<a name='x'></a>\n\n![](x.png)") == []


_PIECES = (
    *("a", "B ", ". ", "! ", "。", "\n", "\r\n", "\r", "\n\n", "# ", "- ", "> ", "| ", "```\n"),
    *("[x](y. Z)", "<p>", "</p>", "<a title='b. C'>", "<!--", "-->", "`", "``", "::\n", ".. x::\n"),
    *("\\", '"', '",\n "', "é", "&lt;", "\u2028", "\x0c", "    ", "e.g. ", "<pre>", "*", "_"),
)


@settings(max_examples=usual_or_soak(75, 300), deadline=None)
@given(
    text=st.lists(st.sampled_from(_PIECES), max_size=60).map("".join),
    markup=st.sampled_from(MARKUPS),
)
@example(text="a::\n  a", markup="rst")
def test_every_sentence_is_its_slice(text: str, markup: Markup) -> None:
    position = 0
    for unit in sentences(text, markup):
        quote = text[unit.start : unit.end]

        assert quote and quote == quote.strip()
        assert position <= unit.start and unit.end - unit.start <= 400
        assert unit.plain and "\n" not in unit.plain and "\r" not in unit.plain
        assert unit.line_offset_start == _line_ends(text[: unit.start])
        assert unit.line_offset_end == _line_ends(text[: unit.end])
        position = unit.end


def _line_ends(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@settings(max_examples=usual_or_soak(50, 200), deadline=None)
@given(text=st.text(max_size=200), markup=st.sampled_from(MARKUPS))
def test_any_text_has_a_plain_form(text: str, markup: Markup) -> None:
    assert isinstance(plain_text(text, markup), str)
    sentences(text, markup)


@pytest.mark.parametrize(
    "piece",
    ["[", "](", "![", "[[", "<", "<a ", "<!--", "`", "*", "_", "\\", "|", "> ", ".", ". ", '"', " ",
     "a_", ":a:`", "**a", "x", "中", "\n", "<b>", "&", "https://"],
)  # fmt: skip
@pytest.mark.parametrize("markup", ["markdown", "html", "rst"])
def test_hostile_text_takes_linear_time(piece: str, markup: Markup) -> None:
    text = piece * (100_000 // len(piece))
    began = time.process_time()

    plain_text(text, markup)
    sentences(text, markup)

    assert time.process_time() - began < 5


def test_what_it_imports_is_light() -> None:
    code = (
        "import sys\n"
        "from docsearch_cli.corpus.plain_text import sentences\n"
        "from docsearch_cli.corpus.formats.table import FORMATS\n"
        "for row in FORMATS: sentences('A line.', row.name)\n"
        "print([name for name in ('markdown_it', 'yaml', 'docutils', 'selectolax', 'numpy', "
        "'pathspec', 'pypdfium2', 'charset_normalizer') if name in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


def test_a_block_id_is_no_text() -> None:
    assert plain_text("The gate is oak. ^gate\n\n^lone-id\n", "markdown").split() == [
        "The",
        "gate",
        "is",
        "oak.",
    ]
    assert "x^2" in plain_text("so x^2\n", "markdown")


def test_code_ends_at_as_many_backticks_as_it_began_with() -> None:
    assert plain_text("a ```b `c` d``` and ``e``", "markdown") == "a b `c` d and e"
    assert plain_text("a `````` b ``c`` d ``", "markdown") == "a `````` b c d ``"


@pytest.mark.parametrize(
    "text",
    ["x" + "`" * 300_000, "# a #" + " " * 300_000 + "x", " " * 300_000 + "x"],
    ids=["backticks", "spaces in a heading", "spaces in a line"],
)
def test_hostile_markdown_is_read_in_one_pass(text: str) -> None:
    assert plain_text(text, "markdown").strip()
    assert list(markdown_blocks(text))


def test_a_name_that_never_ends_is_no_tag() -> None:
    # Where the name might end was tried for each of its characters, from each of the tags.
    text = ("<a" + "b" * 1000) * 2_000

    assert plain_text(text, "html") == text


def test_the_markup_of_a_sentence_does_not_count_towards_its_length() -> None:
    link = '<a class="reference internal" href="some/where/rather/far/away.html#and-deep">kiln</a>'
    text = (
        f"<p>The {link} is near the {link}, below the {link}, and not by the {link}, the {link} or "
        f"the {link}.</p>"
    )

    (unit,) = sentences(text, "html")

    assert unit.end - unit.start > 400
    assert unit.plain == (
        "The kiln is near the kiln, below the kiln, and not by the kiln, the kiln or the kiln."
    )


def test_a_long_text_without_markup_is_cut_in_linear_time() -> None:
    started = time.process_time()
    found = sentences("word " * 200_000, "markdown")

    assert len(found) > 2_000
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("markup", "text", "kinds"),
    [
        ("markdown", "# A\n\nb\n\n- c\n\n| d |\n\n```\ne\n```\n", "heading text item row code"),
        ("rst", "b\n\n- c\n\n| d\n\nso::\n\n   e\n", "text item row text code"),
        ("asciidoc", "== A\n\nb\n\n* c\n\n----\ne\n----\n", "heading text item code"),
        ("org", "* A\nb\n- c\n| d |\n#+BEGIN_SRC\ne\n#+END_SRC\n", "heading text item row code"),
        (
            "html",
            "<h2>A</h2><p>b</p><ul><li><p>c</p><p>f</p></li></ul><table><tr><td><p>d</p></td><td>g"
            "</td></tr></table><dl><dt>t</dt><dd>u</dd></dl><pre>e</pre>",
            "heading text item text row term text code",
        ),
    ],
)
def test_a_sentence_knows_the_kind_of_its_block(markup: Markup, text: str, kinds: str) -> None:
    assert [unit.kind for unit in sentences(text, markup)] == kinds.split()


def test_sentences_of_one_paragraph_are_in_one_block() -> None:
    assert [unit.block for unit in sentences("One. Two.\n\nThree.\n", "markdown")] == [0, 0, 1]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("markdown", "```\nmill set name=<name> *all* [x](y)\n```\n"),
        ("rst", "So::\n\n   mill set name=<name> *all* [x](y)\n"),
        ("asciidoc", "----\nmill set name=<name> *all* [x](y)\n----\n"),
    ],
)
def test_code_is_read_as_it_is(markup: Markup, text: str) -> None:
    assert sentences(text, markup)[-1].plain == "mill set name=<name> *all* [x](y)"


def test_code_in_html_is_read_without_its_tags() -> None:
    (unit,) = sentences("<pre>mill <b>set</b> name=&lt;name&gt;</pre>", "html")

    assert unit.plain == "mill set name=<name>"


def test_a_long_text_is_not_cut_inside_of_brackets() -> None:
    before = "--wait SECONDS waits for a lock " * 11
    units = sentences(f"{before}(default: 10). {'--more of it ' * 30}", "markdown")

    assert any("(default: 10)" in unit.plain for unit in units)


def test_a_bracket_alone_is_a_line_of_code_and_no_sentence() -> None:
    found = sentences("}\n\n```\nif x {\n\tgo()\n}\n```\n", "markdown")

    assert [(unit.plain, unit.indent) for unit in found] == [("if x {", 0), ("go()", 4), ("}", 0)]


def test_the_spaces_in_a_number_are_kept_where_others_are_folded() -> None:
    (unit,) = sentences("It takes\u00a0 12\u202f500 \u00a0turns.", "text")

    assert unit.plain == "It takes 12\u202f500 turns."


def test_what_is_set_in_below_a_blank_line_is_code() -> None:
    text = (
        "A line.\n\n    one()\n    - two()\n\n\tthree()\n\nText\n    goes on.\n\n# H\n    four()\n"
    )
    found = [(unit.kind, unit.plain) for unit in sentences(text, "markdown")]

    assert found == [
        ("text", "A line."),
        ("code", "one()"),
        ("code", "- two()"),
        ("code", "three()"),
        ("text", "Text goes on."),
        ("heading", "H"),
        ("code", "four()"),
    ]


def test_what_is_set_in_below_an_item_belongs_to_it() -> None:
    text = "- item\n\n    goes on\n\n    and on\n\nText.\n\n    code()\n"
    kinds = [unit.kind for unit in sentences(text, "markdown")]

    assert kinds == ["item", "text", "text", "text", "code"]


@pytest.mark.parametrize("markup", MARKUPS)
@given(st.lists(st.sampled_from(LINE_PIECES), max_size=14).map("".join))
@settings(max_examples=usual_or_soak(40, 400), deadline=None)
def test_the_sentences_on_a_line_are_those_of_the_section(markup: Markup, text: str) -> None:
    units = sentences(text, markup)

    for line in range(-1, len(text) + 1):
        on_it = [unit for unit in units if unit.line_offset_start <= line <= unit.line_offset_end]
        assert list(remembered_on_line(text, markup, line)) == on_it


def test_a_paragraph_of_many_lines_is_cut_once_for_all_of_them():
    text = "word [t](p.md) and more text about zebras here\n" * 2_000

    def cost_s(count):
        lines = text[: count * (len(text) // 2_000)]
        return cpu_s(lambda: [remembered_on_line(lines, "markdown", n) for n in range(0, count, 9)])

    assert grows_linearly(cost_s, 1_000)
