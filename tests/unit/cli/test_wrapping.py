import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from docsearch_cli.cli.wrapping import on_its_side, wrapped, wrapped_words


def rows(line, columns):
    return [row.plain for row in wrapped(Text(line), columns)]


def test_a_line_is_broken_between_words_and_set_in():
    line = "stopped: the last nodes added nothing new; 1971 agents unspent"

    assert rows(line, 40) == [
        "stopped: the last nodes added nothing",
        "  new; 1971 agents unspent",
    ]


def test_a_line_that_fits_and_one_in_a_pipe_stay_as_they_are():
    assert rows("a  line   with gaps ", 40) == ["a  line   with gaps "]
    assert rows("word " * 50, None) == ["word " * 50]
    assert wrapped_words("word " * 50, None) == "word " * 50


def test_rows_are_set_in_to_where_the_text_begins_behind_its_name():
    assert rows("language english, detected from all the documents", 40)[1].startswith("  d")
    assert rows("holds    67 documents, 420 sections, 341 edges", 40) == [
        "holds    67 documents, 420 sections, 341",
        "         edges",
    ]
    assert rows("41  After an unclean stop the server scans", 30) == [
        "41  After an unclean stop the",
        "    server scans",
    ]


def test_a_command_that_is_named_stays_on_one_row():
    assert rows("to run one step again: docsearch replay 24 --step 1", 40) == [
        "to run one step again:",
        "  docsearch replay 24 --step 1",
    ]
    assert rows("links: 3 broken, 1 ambiguous   (docsearch graph links)", 40) == [
        "links: 3 broken, 1 ambiguous",
        "  (docsearch graph links)",
    ]


def test_a_word_that_is_wider_than_a_row_stays_whole():
    path = "docs/reference/a-very-long-name-of-a-page/index.html"

    assert rows(f"the page {path} is gone", 30) == ["the page", f"  {path}", "  is gone"]


def test_styles_stay_with_their_words():
    line = Text("one two three four five six ").append("docs/a.md", style="bold")

    (*_, last) = wrapped(line, 20)
    assert [last.plain[span.start : span.end] for span in last.spans] == ["docs/a.md"]


def test_wide_characters_count_as_two_cells():
    assert all(cell_len(row) <= 20 for row in rows("中文 合約 轉換 體驗課 問題 中文 合約", 20))


@pytest.mark.parametrize("columns", [1, 15])
def test_a_terminal_too_narrow_for_words_is_not_wrapped_to(columns):
    assert rows("one two three four five", columns) == ["one two three four five"]


@given(st.text("ab  /;中", max_size=200), st.integers(16, 60))
def test_no_word_is_lost_or_broken(text, columns):
    found = rows(text, columns)

    assert " ".join(found).split() == text.split()
    for row in found:
        assert cell_len(row) <= columns or len(row.split()) == 1 or len(found) == 1


def test_a_table_on_its_side_has_every_number():
    table = Table()
    for name in ("agents", "R@5", "ms"):
        table.add_column(name)
    table.add_row("0", "66.7", "31.3")
    table.add_row("20", "78.4", "1,179.9")
    console = Console(file=io.StringIO(), width=40)
    console.print(on_its_side(table))

    printed = [line.split() for line in console.file.getvalue().splitlines()]
    assert printed == [["agents", "0", "20"], ["R@5", "66.7", "78.4"], ["ms", "31.3", "1,179.9"]]


def test_a_name_with_a_long_path_keeps_its_row():
    assert rows("14  docs/reference/errors/index.md", 32)[0].startswith("14  docs/")
