from rich.text import Text

from docsearch_cli.cli.quoted_text import mark_words, wrap_line


def bold(text):
    return [text.plain[span.start : span.end] for span in text.spans if span.style == "bold"]


def test_words_that_were_asked_for_stand_out_in_every_form():
    text = mark_words("The kilns cool; a kiln-side door, cooling.", frozenset({"kiln"}), "english")

    assert bold(text) == ["kilns", "kiln-side"]


def test_control_characters_are_visible():
    assert mark_words("a\x1b[1mb", frozenset(), "english").plain == "a␛[1mb"


def rows(line, columns, mark="    "):
    return [row.plain for row in wrap_line(Text(line), mark, columns)]


def test_a_line_is_wrapped_at_words():
    assert rows("one two three four five six", 20) == ["    one two three", "    four five six"]


def test_lines_below_are_set_in_as_far_as_the_line_itself():
    found = rows("  - one two three four five", 24, mark='   "')

    assert found == ['   "  - one two three', "      four five"]


def test_a_pipe_and_a_column_too_narrow_for_words_have_one_row():
    assert rows("one two three four five six", None) == ["    one two three four five six"]
    assert rows("one two three four five six", 12) == ["    one two three four five six"]


def test_an_empty_line_stays_one():
    assert rows("", 40) == ["    "]
