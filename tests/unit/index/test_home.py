import os
from pathlib import Path

import pytest

from docsearch_cli.errors import AccessError, IndexMissingError, InputError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.home import INDEX_FOLDER, current_working_folder, find_home, home_at
from tests.support import write_files


@pytest.fixture
def home(tmp_path, corpus_folder):
    write_files(corpus_folder, {"a.md": "# Alpha\n\nText.\n"})
    build_index(tmp_path / INDEX_FOLDER, [corpus_folder])
    return tmp_path / INDEX_FOLDER


@pytest.fixture
def closed(monkeypatch):
    """Close folders: nothing below them may be looked at, also by root."""
    folders: list[Path] = []
    real = os.stat

    def stat(path, **options):
        if not isinstance(path, int) and any(Path(path).is_relative_to(one) for one in folders):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    return folders


def test_an_index_is_found_from_a_folder_below(home, tmp_path):
    below = tmp_path / "x" / "y"
    below.mkdir(parents=True)

    assert find_home(below, None) == home


def test_an_index_given_by_name_is_never_replaced_by_another(home, tmp_path):
    (tmp_path / "empty").mkdir()

    with pytest.raises(IndexMissingError, match="empty"):
        find_home(tmp_path, str(tmp_path / "empty"))


@pytest.mark.parametrize("name", [".", ".docsearch"])
def test_an_index_is_given_by_its_folder_or_the_one_around_it(home, tmp_path, name):
    assert find_home(tmp_path, str(tmp_path / name)) == home


def test_a_new_home_is_made_inside_the_folder_given(tmp_path):
    assert home_at(tmp_path / "search") == tmp_path / "search" / INDEX_FOLDER


def test_runs_alone_are_a_home_for_what_reads_runs(tmp_path):
    runs = tmp_path / INDEX_FOLDER / "runs"
    runs.mkdir(parents=True)

    assert find_home(tmp_path, None, for_runs=True) == runs.parent
    assert find_home(None, str(tmp_path), for_runs=True) == runs.parent
    with pytest.raises(IndexMissingError):
        find_home(tmp_path, None)
    with pytest.raises(IndexMissingError):
        find_home(None, str(tmp_path))


def test_an_index_that_may_not_be_read_is_passed_over_aloud(home, tmp_path, closed):
    below = tmp_path / "x" / "y"
    below.mkdir(parents=True)
    closed.append(tmp_path / "x" / INDEX_FOLDER)
    notes: list[str] = []

    assert find_home(below, None, note=notes.append) == home
    (note,) = notes
    assert f"{tmp_path}/x/.docsearch/index may not be read" in note


def test_the_only_index_is_named_if_it_may_not_be_read(tmp_path, closed):
    closed.append(tmp_path / INDEX_FOLDER)

    for start, given in ((tmp_path, None), (None, str(tmp_path))):
        with pytest.raises(AccessError, match=r"\.docsearch/index may not be read"):
            find_home(start, given)


def test_a_current_folder_that_is_gone_is_said(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(InputError, match="the current folder has been removed"):
        find_home(None, None)
    with pytest.raises(InputError, match="the current folder has been removed"):
        current_working_folder()


def test_an_index_given_by_its_whole_path_needs_no_current_folder(home, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert find_home(None, str(home)) == home
