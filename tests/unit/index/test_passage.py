import pytest

from docsearch_cli.errors import InputError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.passage import PassageLine, read_passage
from docsearch_cli.index.store import open_index
from tests.support import write_files

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

    for number, line in enumerate(PAGE.replace("\r", "").splitlines(), 1):
        assert lines.get(number, "") == line


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
