from dataclasses import dataclass

import pytest

from docsearch_cli.errors import InputError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.passage import PassageLine, quote_context, read_passage
from docsearch_cli.index.store import open_index
from tests.support import write_files
from tests.unit.corpus.formats.packing import pptx, shape, slide

PAGE = "# Oven\n\nIt is hot.\n\n## Door\n\nIt opens.\r\nIt closes.\n\n## Rack\n\nIt slides.\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("passage")
    files = {"a/oven.md": PAGE, "b/oven.md": "# Other\n", "kiln.md": "# Kiln\n", "void.md": ""}
    write_files(folder / "docs", files)
    build_index(folder / ".docsearch", [folder / "docs"])
    return open_index(folder / ".docsearch"), folder


def texts(passage):
    return {line.number: line.text for line in passage.lines}


def test_a_document_is_read_as_its_file_has_it(index):
    lines = texts(read_passage(index[0], "a/oven.md"))

    assert list(lines.items()) == list(enumerate(PAGE.replace("\r", "").splitlines(), 1))


def test_a_blank_line_between_sections_is_a_line_of_the_file(index):
    assert texts(read_passage(index[0], "a/oven.md", 4)) == {4: ""}
    assert list(texts(read_passage(index[0], "a/oven.md", 3, 6)).items()) == [
        (3, "It is hot."), (4, ""), (5, "## Door"), (6, ""),
    ]  # fmt: skip


def test_what_is_cut_out_of_a_page_is_not_taken_for_blank_lines(tmp_path):
    html = "<h1>One</h1>\n<p>text</p>\n<script>\nvar x;\n</script>\n<h2>Two</h2>\n<p>more</p>\n"
    write_files(tmp_path / "docs", {"a.html": html})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    lines = texts(read_passage(open_index(tmp_path / ".docsearch"), "a.html"))

    assert lines
    assert all(
        html.splitlines()[number - 1].strip() == text.strip() for number, text in lines.items()
    )


def test_lines_stand_under_the_heading_of_the_first_one(index):
    passage = read_passage(index[0], "a/oven.md", 7, 8)

    assert passage.lines == (PassageLine(7, "It opens."), PassageLine(8, "It closes."))
    assert passage.headings == ("Oven", "Door")


def test_lines_around_them_are_added_and_end_with_the_file(index):
    assert list(texts(read_passage(index[0], "a/oven.md", 7, context=1))) == [6, 7, 8]
    assert min(texts(read_passage(index[0], "a/oven.md", 1, context=50))) == 1


def test_the_whole_section_is_read(index):
    lines = texts(read_passage(index[0], "a/oven.md", 7, whole_section=True))

    assert lines[5] == "## Door"
    assert lines[8] == "It closes."
    assert 3 not in lines
    assert "## Rack" not in lines.values()


@pytest.mark.parametrize(("path", "first"), [("a/oven.md", 99), ("void.md", None), ("x.md", 1)])
def test_what_is_not_there_is_said(index, path, first):
    with pytest.raises(InputError):
        read_passage(index[0], path, first)


def test_a_place_that_ends_before_it_begins_is_refused(index):
    with pytest.raises(InputError, match="7-3 ends before it begins"):
        read_passage(index[0], "a/oven.md", 7, 3)


@dataclass(frozen=True)
class Quote:
    path: str
    line_start: int
    line_end: int
    quote: str
    paged: bool = False


@pytest.mark.parametrize("lines", [1, 2, 3, 99])
@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(3, 3, "It is hot."), (3, 3, "is"), (7, 8, "opens.\r\nIt closes."), (1, 1, "# Oven")],
)
def test_what_stands_around_a_quote_makes_up_its_lines(index, lines, first, last, words):
    found = quote_context(index[0], Quote("a/oven.md", first, last, words), lines)
    page = PAGE.replace("\r", "").split("\n")
    begin, end = max(1, first - lines), min(len(page), last + lines)
    while end > last and not page[end - 1]:
        end -= 1

    assert (found.line_start, found.line_end) == (begin, end)
    whole = found.before + words.replace("\r", "") + found.after
    assert whole == "\n".join(page[begin - 1 : end])


def test_the_quote_on_its_own_lines_is_meant_not_one_like_it(tmp_path):
    write_files(tmp_path / "docs", {"a.md": "same\nsame\nsame\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    found = quote_context(open_index(tmp_path / ".docsearch"), Quote("a.md", 2, 2, "same"), 1)

    assert (found.before, found.after.rstrip("\n")) == ("same\n", "\nsame")


def test_a_quote_that_is_not_there_has_the_lines_around_it(index):
    found = quote_context(index[0], Quote("a/oven.md", 3, 3, "never said"), 1)

    assert (found.before, found.after) == ("\n", "")


def test_of_a_page_lines_of_its_text_are_around_a_quote(tmp_path):
    slides = pptx(*(slide(*(shape(f"{n} {word}") for word in "abcdefg")) for n in (1, 2)))
    write_files(tmp_path / "docs", {"talk.pptx": slides})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    opened = open_index(tmp_path / ".docsearch")
    (page,) = read_passage(opened, "talk.pptx", 2).lines
    found = quote_context(opened, Quote("talk.pptx", 2, 2, "2 d", paged=True), 2)

    assert (found.line_start, found.line_end) == (2, 2)
    assert found.before + "2 d" + found.after in page.text
    assert "2 c" in found.before
    assert "2 e" in found.after
    assert "2 a" not in found.before
    assert "2 g" not in found.after
