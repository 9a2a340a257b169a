"""What a question needs is found once, for the command and for programs."""

import pytest

from docsearch_cli.errors import IndexMissingError, UsageError
from docsearch_cli.index.build import build_index
from docsearch_cli.search.session import open_session
from tests.support import write_files


@pytest.fixture
def folder(tmp_path):
    write_files(tmp_path / "docs", {"a.md": "# Windy\n"})
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    return tmp_path


def test_a_session_has_the_index_of_a_folder_and_the_settings_beside_it(folder):
    (folder / "docsearch.toml").write_text("[limits]\nseeds = 2\n")
    session = open_session(str(folder), {"fan_out": 4, "max_depth": None}, note=pytest.fail)

    assert session.home == folder / ".docsearch"
    assert session.reader.paths[0] == "a.md"
    assert (session.settings["seeds"], session.settings["fan_out"]) == (2, 4)


def test_a_limit_that_was_cut_is_noted(folder):
    notes = []
    open_session(str(folder), {"max_depth": 99}, note=notes.append)

    assert notes == ["max_depth 99 is above the limit; 8 is used"]


def test_without_an_index_or_with_a_limit_out_of_range_there_is_no_session(folder, tmp_path):
    with pytest.raises(IndexMissingError):
        open_session(str(tmp_path / "docs"), {}, note=pytest.fail)
    with pytest.raises(UsageError):
        open_session(str(folder), {"seeds": 0}, note=pytest.fail)
