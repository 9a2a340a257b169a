"""Copies of an index on a worker's host: whole and checked, or not there."""

import shutil
from pathlib import Path

import pytest

from docsearch_cli.errors import IndexCorruptError, IndexLockedError, IndexMissingError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.copies import (
    copies_folder,
    copy_folder,
    copying,
    evict_copies,
    has_index,
    open_generation_of,
)
from docsearch_cli.index.store import open_index
from tests.support import write_files


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCSEARCH_CLUSTER_DIR", str(tmp_path / "cluster"))
    write_files(tmp_path / "docs", {"a.md": "# A\n\nwindy\n"})
    build_index(tmp_path / "home", [tmp_path / "docs"])
    return open_index(tmp_path / "home")


def copy(index):
    with copying(index.digest) as folder:
        shutil.copytree(index.folder, folder, dirs_exist_ok=True)


def test_an_index_at_the_same_path_is_used_there(index):
    assert has_index(index.digest, index.folder)
    assert open_generation_of(index.digest, index.folder).folder == index.folder
    assert not copies_folder().exists()


def test_a_copy_is_used_where_the_path_leads_nowhere(index, tmp_path):
    nowhere = tmp_path / "nowhere"
    assert not has_index(index.digest, nowhere)
    copy(index)

    found = open_generation_of(index.digest, nowhere)
    assert (found.folder, found.digest) == (copy_folder(index.digest), index.digest)


def test_of_many_indexes_the_last_ones_stay_open(tmp_path):
    def open_one(number):
        write_files(tmp_path / "docs", {"a.md": f"# A\n\n{number}\n"})
        build_index(tmp_path / "home", [tmp_path / "docs"])
        index = open_index(tmp_path / "home")
        return open_generation_of(index.digest, index.folder)

    def open_files():
        return sum(1 for _ in Path("/dev/fd").iterdir())

    found = [open_one(number) for number in range(2)]
    assert open_generation_of(found[1].digest, found[1].folder) is found[1]
    del found
    before = open_files()
    for number in range(2, 6):
        open_one(number)

    assert open_files() <= before


def test_another_index_at_the_path_is_not_the_one(index):
    with pytest.raises(IndexMissingError, match="000000000000"):
        open_generation_of("0" * 32, index.folder)


@pytest.mark.parametrize("size", [0, 1])
def test_a_copy_that_is_not_whole_is_none(index, tmp_path, size):
    with pytest.raises(IndexCorruptError), copying(index.digest) as folder:
        shutil.copytree(index.folder, folder, dirs_exist_ok=True)
        texts = folder / "sections.texts.bytes"
        data = bytearray((texts if texts.exists() else folder / "manifest.json").read_bytes())
        data[0] ^= 1
        (texts if texts.exists() else folder / "manifest.json").write_bytes(
            data[: len(data) - size]
        )

    assert not has_index(index.digest, tmp_path / "nowhere")
    assert [path.suffix for path in (copies_folder() / "indexes").iterdir()] == [".lock"]


def test_a_copy_that_is_broken_off_leaves_nothing(index, tmp_path):
    with pytest.raises(KeyError), copying(index.digest):
        raise KeyError

    assert not has_index(index.digest, tmp_path / "nowhere")
    copy(index)
    assert has_index(index.digest, tmp_path / "nowhere")


def test_one_process_copies_at_a_time(index):
    with copying(index.digest) as folder:
        with pytest.raises(IndexLockedError), copying(index.digest):
            pass
        shutil.copytree(index.folder, folder, dirs_exist_ok=True)


def test_the_oldest_copies_go_first_and_never_the_one_in_use(index):
    copy(index)
    for name in ("b" * 32, "a" * 32):
        shutil.copytree(index.folder, copy_folder(name))
    size = sum(path.stat().st_size for path in index.folder.iterdir())
    evict_copies(keep=index.digest, most_bytes=2 * size)
    left = {path.name for path in (copies_folder() / "indexes").iterdir() if not path.suffix}

    assert index.digest in left
    assert len(left) == 2
    evict_copies(keep=index.digest, most_bytes=0)
    assert copy_folder(index.digest).is_dir()
    assert not copy_folder("a" * 32).exists()
