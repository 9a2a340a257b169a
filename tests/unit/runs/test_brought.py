"""Records that come from another machine: whole and read before anybody finds them, or none."""

import pytest

from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.runs import brought
from docsearch_cli.runs.brought import keep_record
from docsearch_cli.runs.catalog import DATABASE, opened_run, run_folder, run_ids
from docsearch_cli.runs.trace import read_trace
from tests.searching import ask_deep, make_world


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """A run's id and its file."""
    world = make_world(tmp_path_factory.mktemp("world"), 3, {"max_agents": 4})
    run_id = ask_deep(world).run_id
    return run_id, (run_folder(world.home, run_id) / DATABASE).read_bytes()


def test_a_record_is_found_and_read_as_one_that_was_made_here(tmp_path, record):
    run_id, data = record
    keep_record(tmp_path, run_id, data)

    with opened_run(tmp_path, run_id) as store:
        assert read_trace(store).run_id == run_id
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [run_id]


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: data[:2000], lambda data: b"x"])
def test_what_is_no_record_is_not_kept(tmp_path, record, spoil):
    run_id, data = record

    with pytest.raises(RunCorruptError):
        keep_record(tmp_path, run_id, spoil(data))
    assert run_ids(tmp_path) == []
    assert not any((tmp_path / "runs").iterdir())


def test_the_record_of_another_run_is_not_kept(tmp_path, record):
    with pytest.raises(RunCorruptError, match="another run"):
        keep_record(tmp_path, "ab12", record[1])
    assert run_ids(tmp_path) == []


@pytest.mark.parametrize(
    "run_id", ["../ab12", "/tmp/ab12", "", ".", "a/b", "\ud800", "ab\0", "ab\n", "x" * 65]
)
def test_a_run_that_is_called_what_none_is_is_not_kept(tmp_path, record, run_id):
    home = tmp_path / "home"

    with pytest.raises(RunCorruptError, match="is called"):
        keep_record(home, run_id, record[1])
    assert not home.exists()


def test_a_run_that_is_there_is_not_replaced(tmp_path, record):
    run_id, data = record
    keep_record(tmp_path, run_id, data)

    with pytest.raises(InputError, match=run_id):
        keep_record(tmp_path, run_id, data)
    assert run_ids(tmp_path) == [run_id]


def test_a_disk_that_takes_no_more_is_named(tmp_path, record, monkeypatch):
    def refuse(path, run_id):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(brought, "_check", refuse)

    with pytest.raises(InputError, match="cannot be kept"):
        keep_record(tmp_path, *record)
