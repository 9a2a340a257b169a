import os

import pytest

from docsearch_cli.embed.trust import is_folder_name, is_remembered, remember_model

REVISION = "a" * 32


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def test_a_model_is_remembered_by_name_and_revision(state):
    assert not is_remembered("some/model", REVISION)
    remember_model("some/model", REVISION)

    assert is_remembered("some/model", REVISION)
    assert not is_remembered("some/model", "b" * 32)
    assert not is_remembered("other/model", REVISION)


def test_what_is_remembered_is_the_users_own(state):
    remember_model("some/model", REVISION)

    assert (state / "models").stat().st_mode & 0o777 == 0o700


def test_without_a_variable_it_is_in_the_users_state_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    remember_model("some/model", REVISION)

    assert len(list((tmp_path / "docsearch" / "models").iterdir())) == 1


def test_another_content_is_no_record(state):
    remember_model("some/model", REVISION)
    (record,) = (state / "models").iterdir()
    record.write_text('{"name": "other/model"}\n')

    assert not is_remembered("some/model", REVISION)


def test_a_pipe_in_a_records_place_is_not_waited_for(state):
    remember_model("some/model", REVISION)
    (record,) = (state / "models").iterdir()
    record.unlink()
    os.mkfifo(record)

    assert not is_remembered("some/model", REVISION)


def test_a_name_that_no_file_can_have_is_not_remembered(state):
    """An index of a stranger may hold anything."""
    assert not is_remembered("\ud800", REVISION)


def test_the_environment_names_a_model_too(state, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MODEL", "some/model")

    assert is_remembered("some/model", REVISION)
    assert not is_remembered("other/model", REVISION)


def test_a_folder_in_the_environment_is_the_one_that_an_index_has(state, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCSEARCH_MODEL", "./model")

    assert is_remembered(str(tmp_path / "model"), REVISION)
    assert not is_remembered("./model", REVISION)


def test_a_home_of_nobody_in_the_environment_names_no_model(state, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MODEL", "~nobody-of-this-name/model")

    assert not is_remembered("some/model", REVISION)


@pytest.mark.parametrize("name", [".", "..", "./a", "../a", "/a", "~/a", "~"])
def test_a_folder_is_named_by_a_path(name):
    assert is_folder_name(name)


@pytest.mark.parametrize("name", ["a", "a/b", ".a", "a/../b", "all-MiniLM-L6-v2"])
def test_anything_else_is_a_name(name):
    assert not is_folder_name(name)
