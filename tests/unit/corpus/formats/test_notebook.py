import json

import pytest

from docsearch_cli.corpus.formats.notebook import read_notebook
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document

CELLS = [
    {"cell_type": "markdown", "metadata": {},
     "source": ["# My *Title*\n", "\n", "Intro with [a link](other.md).\n", "Then \"more\"."]},
    {"cell_type": "code", "metadata": {"source": "no"},
     "outputs": [
         {"output_type": "stream", "text": ["Warm\n", "hot\n"]},
         {"data": {"source": ["SECRET"], "image/png": "SECRET", "text/plain": ["900 degrees"]}},
         {"ename": "SECRET", "evalue": "too cold", "traceback": ["SECRET"]},
     ],
     "source": ["import x\n", "print(\"hi\\n\")"]},
    {"cell_type": "markdown", "metadata": {},
     "source": "## Two\nsee [[Note]]\n\n### Three\n$\\alpha$"},
]  # fmt: skip
SOURCE = json.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def read(source: str = SOURCE) -> Document:
    return read_notebook("my-book.ipynb", source, "")


def test_code_stands_under_the_heading_above_it() -> None:
    assert [(s.level, s.heading) for s in read().sections] == [
        *[(1, "My Title")] * 5, (2, "Two"), (3, "Three"),
    ]  # fmt: skip


def test_section_text_is_a_slice_of_the_file_at_its_lines() -> None:
    lines = SOURCE.split("\n")

    for section in read().sections:
        assert section.text in "\n".join(lines[section.line_start - 1 : section.line_end])


def test_plain_text_is_the_cell_as_written() -> None:
    plain = [plain_text(section.text, "notebook") for section in read().sections]

    assert plain[0] == "".join(CELLS[0]["source"])  # type: ignore[arg-type]
    assert plain[4] == 'import x\nprint("hi\\n")'
    assert plain[6] == "### Three\n$\\alpha$"


def test_what_a_cell_printed_is_read_but_no_picture() -> None:
    plain = [plain_text(section.text, "notebook") for section in read().sections]

    assert plain[1:4] == ["Warm\nhot\n", "900 degrees", "too cold"]
    assert not any("SECRET" in section.text for section in read().sections)


def test_a_long_output_is_read_to_a_limit_that_is_named() -> None:
    cell = {"cell_type": "code", "source": "x", "outputs": [{"text": ["row of data\n"] * 9000}]}
    document = read(json.dumps({"cells": [cell]}, indent=1))

    assert len(document.sections) == 2
    assert len(document.sections[1].text) <= 20_000
    assert document.unread == ("1 output beyond 20,000 characters",)


def test_links_have_the_line_of_the_file() -> None:
    lines = SOURCE.split("\n")

    found = [(link.target, link.syntax) for link in read().links]

    assert found == [("other.md", "url"), ("Note", "wiki")]
    assert all(link.text in lines[link.line - 1] for link in read().links)


def test_sentences_are_slices_of_the_file() -> None:
    section = read().sections[0]

    units = sentences(section.text, "notebook")

    assert [unit.plain for unit in units] == ["My Title", "Intro with a link.", 'Then "more".']
    assert [unit.line_offset_start for unit in units] == [0, 2, 3]


def test_older_format_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old heading"]},
        {"cell_type": "code", "input": ["x = 1"], "outputs": []},
    ]

    document = read(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))

    assert document.title == "Old heading"
    assert [(s.level, plain_text(s.text, "notebook")) for s in document.sections] == [
        (2, "Old heading"), (2, "x = 1"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["9" * 6000, "-1", "2.5"])
def test_a_number_that_none_needs_loses_no_text(number: str) -> None:
    cells = f'[{{"cell_type": "heading", "level": {number}, "source": ["Kept"]}}]'

    assert read(f'{{"nbformat": {number}, "cells": {cells}}}').title == "Kept"


def test_notebook_without_headings_is_named_by_its_file() -> None:
    assert read('{"cells": []}').title == "my book"


@pytest.mark.parametrize(
    "source", ["{", "[]", '{"a": 1}', '{"cells": [1, {"source": 3}]', "[" * 9000]
)
def test_other_json_is_broken(source: str) -> None:
    with pytest.raises((ReaderError, RecursionError)):
        read(source)


def test_odd_cells_are_passed_over() -> None:
    assert read('{"cells": [1, [], {"source": 3}, {"source": ["x", 4]}, null]}').sections
