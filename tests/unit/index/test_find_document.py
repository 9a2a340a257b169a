import pytest

from docsearch_cli.errors import InputError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.find_document import find_document, find_node
from docsearch_cli.index.store import open_index
from tests.support import write_files


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("find")
    files = {"a/oven.md": "# Oven\n", "b/oven.md": "# Other\n", "kiln.md": "# Kiln\n"}
    write_files(folder / "docs", files)
    build_index(folder / ".docsearch", [folder / "docs"])
    return open_index(folder / ".docsearch"), folder


@pytest.mark.parametrize(
    ("name", "here", "path"),
    [
        ("a/oven.md", ".", "a/oven.md"),
        ("./kiln.md", "elsewhere", "kiln.md"),
        ("docs/kiln.md", ".", "kiln.md"),
        ("oven.md", "docs/a", "a/oven.md"),
        ("../kiln.md", "docs/a", "kiln.md"),
    ],
)
def test_a_document_is_found_as_the_index_or_the_shell_names_it(index, name, here, path):
    assert find_document(index[0], name, index[1] / here) == path


def test_the_end_of_a_path_is_enough_where_it_is_clear(index):
    with pytest.raises(InputError, match="2 documents are called") as refused:
        find_document(index[0], "oven.md", index[1])

    assert refused.value.hint == "say which: a/oven.md, b/oven.md"


@pytest.mark.parametrize(
    "name", ["kilm.md", "../../etc/passwd", "", "/etc/passwd", "\x00", "~\x00x"]
)
def test_a_document_that_is_not_there_is_not_found(index, name):
    with pytest.raises(InputError):
        find_document(index[0], name, index[1])


def test_the_nearest_path_is_named(index):
    with pytest.raises(InputError) as refused:
        find_document(index[0], "kilm.md", index[1])

    assert "kiln.md" in refused.value.hint


def test_a_name_that_is_not_utf_8_is_found_as_the_shell_gives_it(tmp_path):
    write_files(tmp_path / "docs", {"kiln\udcff.md": "# Kiln\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    opened = open_index(tmp_path / ".docsearch")

    for name in ("kiln\udcff.md", "docs/kiln\udcff.md"):
        assert find_document(opened, name, tmp_path) == "kiln\\xff.md"
    with pytest.raises(InputError, match=r"oven.+xff.md"):
        find_document(opened, "oven\udcff.md", tmp_path)


def test_a_name_that_means_two_documents_is_refused_and_a_path_of_the_shell_is_not(tmp_path):
    write_files(tmp_path / "docs", {"oven.md": "# Outer\n", "docs/oven.md": "# Inner\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    opened = open_index(tmp_path / ".docsearch")

    with pytest.raises(InputError, match=r"may be either of two documents") as refused:
        find_document(opened, "docs/oven.md", tmp_path)
    assert "./docs/oven.md is 'oven.md' of the index" in refused.value.hint
    assert find_document(opened, "./docs/oven.md", tmp_path) == "oven.md"
    assert find_document(opened, str(tmp_path / "docs/docs/oven.md"), tmp_path) == "docs/oven.md"
    assert find_document(opened, "docs/oven.md", tmp_path / "docs") == "docs/oven.md"


def test_of_several_folders_the_one_that_a_path_lies_in_is_meant(tmp_path):
    write_files(tmp_path, {"one/oven.md": "# Oven\n", "two/oven.md": "# Other\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "one", tmp_path / "two"])
    opened = open_index(tmp_path / ".docsearch")

    assert find_document(opened, "two/oven.md", tmp_path) == "two/oven.md"
    assert find_document(opened, "../two/oven.md", tmp_path / "one") == "two/oven.md"
    assert find_document(opened, "oven.md", tmp_path / "one") == "one/oven.md"


def test_a_file_that_alone_is_indexed_is_found_as_the_shell_names_it(tmp_path):
    write_files(tmp_path, {"docs/oven.md": "# Oven\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs" / "oven.md"])
    opened = open_index(tmp_path / ".docsearch")

    for name in ("oven.md", "docs/oven.md", "./docs/oven.md"):
        assert find_document(opened, name, tmp_path) == "oven.md"


def test_a_folder_that_is_reached_through_a_link_is_the_same(tmp_path):
    write_files(tmp_path / "real", {"docs/oven.md": "# Oven\n"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    build_index(tmp_path / "real" / ".docsearch", [tmp_path / "link" / "docs"])
    opened = open_index(tmp_path / "real" / ".docsearch")

    for here in ("real", "link"):
        assert find_document(opened, "docs/oven.md", tmp_path / here) == "oven.md"


def test_a_home_folder_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_files(tmp_path / "docs", {"oven.md": "# Oven\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    opened = open_index(tmp_path / ".docsearch")

    assert find_document(opened, "~/docs/oven.md", tmp_path / "docs") == "oven.md"


def test_a_node_is_named_by_its_id_or_by_its_document(tmp_path):
    long = "".join(f"# Part {number}\n\n" + "word " * 9_000 + "\n\n" for number in range(3))
    write_files(tmp_path / "docs", {"long.md": long})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    opened = open_index(tmp_path / ".docsearch")

    assert find_node(opened, "long.md//2", tmp_path) == "long.md//2"
    assert find_node(opened, "docs/long.md", tmp_path) == "long.md"
    with pytest.raises(InputError):
        find_node(opened, "long.md//99", tmp_path)


def test_a_name_in_other_letters_or_without_its_suffix_is_found_if_it_is_clear(tmp_path):
    files = {"a/Hot keys.md": "# Hot\n", "a/Home.md": "# Home\n", "b/home.txt": "home\n"}
    write_files(tmp_path / "docs", files)
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    opened = open_index(tmp_path / ".docsearch")

    for name in ("hot keys", "Hot Keys.md", "HOT KEYS"):
        assert find_document(opened, name, tmp_path) == "a/Hot keys.md"
    assert find_document(opened, "home.MD", tmp_path) == "a/Home.md"
    with pytest.raises(InputError) as raised:
        find_document(opened, "home", tmp_path)
    assert raised.value.hint == "say which: a/Home.md, b/home.txt"


def test_what_is_near_is_named_as_a_shell_takes_it(tmp_path):
    write_files(tmp_path / "docs", {"Hot keys.md": "# Hot\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])

    with pytest.raises(InputError) as raised:
        find_document(open_index(tmp_path / ".docsearch"), "Hot kyes.md", tmp_path)
    assert raised.value.hint == "did you mean: 'Hot keys.md'"
