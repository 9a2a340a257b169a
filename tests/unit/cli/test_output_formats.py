"""What documents hold stays text, in a spreadsheet and in Markdown."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docsearch_cli.cli.output import visible_text
from docsearch_cli.cli.output_formats.csv_quotes import safe_cell
from docsearch_cli.cli.output_formats.markdown_answer import code_span, escape_markdown
from docsearch_cli.cli.output_formats.table import OUTPUT_FORMATS, find_format
from docsearch_cli.errors import UsageError

HOSTILE = st.text(
    st.one_of(st.sampled_from("`*_[]()<>!#-+=~|$&;:.1\\\"'\n\r\t @/x"), st.characters()),
    max_size=40,
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(text):
    """The inline tokens of a document of one paragraph, as (type, content)."""
    tokens = MARKDOWN.parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return [(child.type, child.content) for child in tokens[1].children]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "\n=1",
        "\uff1d1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(text):
    assert safe_cell(text).startswith("'")
    assert safe_cell(text).endswith(text[-1])


@pytest.mark.parametrize("text", ["a=1", "plain", "", "'quoted'", "1-2", "état"])
def test_any_other_cell_stays_as_it_is(text):
    assert safe_cell(text) == text


def test_a_cell_keeps_its_lines_and_shows_control_characters():
    assert safe_cell("a\r\nb\tc\x1b[2J\0\u202e") == "a\nb\tc␛[2J␀\ufffd"


@given(HOSTILE)
def test_a_cell_survives_a_csv_file_whole(text):
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([safe_cell(text), "next"])

    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [
        [safe_cell(text), "next"]
    ]


@given(HOSTILE)
def test_escaped_text_renders_as_itself(text):
    flat = " ".join(text.split())
    tokens = rendered(f"x{escape_markdown(text)}")

    assert {kind for kind, _ in tokens} <= {"text", "text_special"}
    shown = "".join(content for _, content in tokens)
    assert re.sub("[^\\w ]", "", shown) == re.sub("[^\\w ]", "", "x" + visible_text(flat))


@pytest.mark.parametrize(
    "text",
    [
        "# a heading",
        "- a list",
        "12. a list",
        "1) a list",
        "> a quote",
        "---",
        "===",
        "```sh",
        "~~~",
        "***",
        "    code",
        "<script>alert(1)</script>",
        "![x](https://example.org/pixel.png)",
        "[x](javascript:alert(1))",
        "[x]: https://example.org",
        "<https://example.org>",
        "&lt;b&gt; &#60;",
        "a **b** _c_ `d` ~~e~~ $f$",
        "| a | b |",
        "back\\slash \\",
        "C#",
        "line one\n\n# line two",
    ],
)
def test_markup_in_a_text_is_shown_and_does_nothing(text):
    tokens = rendered(escape_markdown(text))

    assert {kind for kind, _ in tokens} <= {"text", "text_special"}
    assert "".join(content for _, content in tokens) == " ".join(text.split())


def test_a_heading_keeps_a_hash_at_its_end():
    tokens = MARKDOWN.parse(f"# {escape_markdown('what is C #')}")

    assert "".join(child.content for child in tokens[1].children) == "what is C #"


@given(st.text(st.sampled_from("`` a*\\<\x1b"), min_size=1, max_size=20).filter(str.strip))
def test_a_path_in_a_code_span_is_shown_whole(text):
    tokens = rendered(f"x {code_span(text)}")

    assert [kind for kind, _ in tokens][1:] == ["code_inline"]
    assert tokens[1][1].strip() == text.replace("\x1b", "␛").strip()


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_a_format_is_found_by_its_name(name):
    assert find_format(name, as_json=False).name == name


def test_without_a_name_the_format_is_text_and_json_stands_for_its_own():
    assert find_format(None, as_json=False).name == "text"
    assert find_format(None, as_json=True) is find_format("json", as_json=True)


def test_an_unknown_format_lists_the_known_ones():
    with pytest.raises(UsageError, match="'yaml'") as error:
        find_format("yaml", as_json=False)

    assert all(name in error.value.hint for name in OUTPUT_FORMATS)


def test_json_and_another_format_exclude_each_other():
    with pytest.raises(UsageError, match="--json and --format csv"):
        find_format("csv", as_json=True)
