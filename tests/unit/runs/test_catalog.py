from pathlib import Path

import pytest

from docsearch_cli.errors import AccessError, InputError, RunBusyError, RunNotFoundError
from docsearch_cli.runs import catalog
from docsearch_cli.runs.catalog import (
    begun_runs,
    find_run,
    is_being_written,
    is_export,
    opened_run,
    remove_run,
    run_folder,
    run_ids,
    run_lock,
)
from docsearch_cli.runs.store import RunStore


@pytest.fixture
def home(tmp_path):
    for name in ("ab12cd34", "ab99cd34", "ff00ff00", "not-a-run", "abcdef12"):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        if name != "abcdef12":
            RunStore(folder / "run.db", "create").close()
    return tmp_path


def test_runs_are_listed_by_id(home):
    assert run_ids(home) == ["ab12cd34", "ab99cd34", "ff00ff00"]


def test_a_run_without_record_is_found_to_be_removed(home):
    assert "abcdef12" in begun_runs(home)
    assert find_run(home, "abc", with_begun=True) == "abcdef12"

    remove_run(home, "abcdef12")

    assert "abcdef12" not in begun_runs(home)


def test_a_record_that_may_not_be_looked_at_is_listed(home, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refuse)

    assert run_ids(home) == begun_runs(home)


def test_runs_that_may_not_be_listed_are_named(home, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(AccessError, match="runs: Permission denied"):
        run_ids(home)


def test_a_link_or_a_file_is_no_run(home, tmp_path):
    (home / "runs" / "aa00").symlink_to(home / "runs" / "ff00ff00")
    (home / "runs" / "aa01").touch()

    assert "aa00" not in begun_runs(home)
    assert "aa01" not in begun_runs(home)


def test_a_run_that_was_removed_is_not_written(home):
    with (
        pytest.raises(RunNotFoundError, match="no run 00aa any more"),
        run_lock(home / "runs/00aa"),
    ):
        pass


def test_a_lock_of_a_run_that_was_removed_is_not_held(home, monkeypatch):
    folder = run_folder(home, "ab12cd34")
    real = catalog.open_lock

    def opened_and_removed(path):
        handle = real(path)
        monkeypatch.setattr(catalog, "open_lock", real)
        remove_run(home, "ab12cd34")
        return handle

    monkeypatch.setattr(catalog, "open_lock", opened_and_removed)

    with pytest.raises(RunNotFoundError, match="any more"), run_lock(folder):
        pass


def test_a_folder_in_the_place_of_the_lock_does_not_keep_a_run(home):
    (run_folder(home, "ab12cd34") / "lock").mkdir()

    remove_run(home, "ab12cd34")

    assert "ab12cd34" not in begun_runs(home)


def test_a_lock_that_the_disk_does_not_give_is_no_other_writer(home, monkeypatch):
    import fcntl

    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    with (
        pytest.raises(InputError, match="No locks available"),
        run_lock(run_folder(home, "ff00ff00")),
    ):
        pass


def test_a_home_without_runs_lists_none(tmp_path):
    assert run_ids(tmp_path) == []


@pytest.mark.parametrize("prefix", ["ff", "ff00ff00", "f"])
def test_a_run_is_found_by_the_start_of_its_id(home, prefix):
    assert find_run(home, prefix) == "ff00ff00"


def test_a_shared_start_lists_the_runs(home):
    with pytest.raises(RunNotFoundError, match="ab12cd34, ab99cd34"):
        find_run(home, "ab")


@pytest.mark.parametrize("prefix", ["", "nope", "../../etc", "/etc", ".", "FF", "ff\n", "00"])
def test_what_names_no_run_is_an_error(home, prefix):
    with pytest.raises(RunNotFoundError):
        find_run(home, prefix)


def test_a_run_without_record_is_no_run(home):
    with pytest.raises(RunNotFoundError), opened_run(home, "abcdef12"):
        pass


def test_a_run_has_one_writer(home):
    folder = run_folder(home, "ab12cd34")
    assert not is_being_written(folder)
    with run_lock(folder):
        assert is_being_written(folder)
        with pytest.raises(RunBusyError, match="ab12cd34"), run_lock(folder):
            pass
    assert not is_being_written(folder)


def test_a_lock_that_is_a_link_is_not_followed(home, tmp_path):
    folder = run_folder(home, "ab12cd34")
    (folder / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InputError, match="ab12cd34"), run_lock(folder):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_run_that_goes_on_is_not_removed(home):
    with run_lock(run_folder(home, "ab12cd34")), pytest.raises(RunBusyError):
        remove_run(home, "ab12cd34")
    remove_run(home, "ab12cd34")

    assert run_ids(home) == ["ab99cd34", "ff00ff00"]


def test_a_run_that_cannot_be_deleted_whole_is_there_still(home, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("docsearch_cli.runs.catalog.shutil.rmtree", refuse)

    with pytest.raises(AccessError):
        remove_run(home, "ab12cd34")
    assert "ab12cd34" in run_ids(home)


@pytest.mark.parametrize(
    ("wanted", "is_file"),
    [
        ("ab12", False),
        ("ab12cd34.docsearch-run", True),
        ("./ab12", False),
        ("/x/ab12.docsearch-run", True),
        ("nope", False),
        ("", False),
    ],
)
def test_a_file_is_told_from_an_id(wanted, is_file):
    assert is_export(wanted) == is_file


def test_an_export_that_is_not_there_is_an_error(home):
    with pytest.raises(RunNotFoundError, match="no file"), opened_run(home, "./x.docsearch-run"):
        pass


def test_a_run_that_cannot_be_deleted_is_an_input_error(home, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("docsearch_cli.runs.catalog.shutil.rmtree", refuse)

    with pytest.raises(InputError, match="run ab12cd34 cannot be deleted: Permission denied"):
        remove_run(home, "ab12cd34")


def test_a_run_of_another_folder_is_opened_by_its_id(home):
    with opened_run(home, "ff") as store:
        assert store.path == run_folder(home, "ff00ff00") / "run.db"


def test_a_record_is_closed_when_it_is_left(home):
    with opened_run(home, "ff") as store:
        pass

    with pytest.raises(Exception, match="closed"):
        store.connection.execute("select 1")
