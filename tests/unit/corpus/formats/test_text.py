from docsearch_cli.corpus.formats.text import read_text


def test_title_is_the_stem_not_the_first_line() -> None:
    assert read_text("notes/2024-01-05_call.txt", "Dear all,\n", "").title == "2024 01 05 call"


def test_lines_are_those_of_the_text_without_blank_ends() -> None:
    (section,) = read_text("a.txt", "\n \n  indented\r\nlast\n\n", "").sections

    assert (section.line_start, section.line_end) == (3, 4)
    assert section.text == "  indented\r\nlast"


def test_blank_file_has_no_section() -> None:
    assert read_text("a.txt", " \n\n", "").sections == ()
