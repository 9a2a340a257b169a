import hashlib
import os
from pathlib import Path

import pytest

from docsearch_cli.files import (
    hash_file,
    name_in_utf8,
    name_on_disk,
    opened_file,
    read_file,
    replace_file,
)


def test_a_file_is_hashed(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")

    assert hash_file(tmp_path / "a") == hashlib.sha256(b"abc").digest()


def test_a_pipe_is_refused_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="no regular file"), opened_file(tmp_path / "pipe"):
        pass


def test_a_link_is_followed_only_on_demand(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")

    with pytest.raises(OSError):
        hash_file(tmp_path / "link")
    assert hash_file(tmp_path / "link", follow=True) == hash_file(tmp_path / "a")


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("content", [b"", b"a", b"abc" * 100_000])
def test_a_file_is_read_whole(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    before = open_files()

    assert read_file(tmp_path / "a") == content
    assert open_files() == before


@pytest.mark.parametrize("known", [0, 1, 5])
def test_a_file_that_grows_while_it_is_read_is_read_to_its_end(tmp_path, monkeypatch, known):
    (tmp_path / "a").write_bytes(b"abcdef")
    before = open_files()
    fstat = os.fstat

    def fstat_of_then(descriptor):
        values = list(fstat(descriptor))
        values[6] = known
        return os.stat_result(values)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fstat_of_then)
        found = read_file(tmp_path / "a")

    assert found == b"abcdef"
    assert open_files() == before


def test_a_file_is_read_in_one_go(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"abcdef")
    monkeypatch.setattr(os, "fdopen", lambda *_arguments, **_options: pytest.fail("read twice"))

    assert read_file(tmp_path / "a") == b"abcdef"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "nothing"])
def test_what_is_no_file_is_not_read(tmp_path, kind):
    path = tmp_path / "a"
    if kind == "link":
        (tmp_path / "b").write_bytes(b"abc")
        path.symlink_to("b")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    before = open_files()

    with pytest.raises(OSError):
        read_file(path)
    assert open_files() == before


def test_an_opened_file_is_closed(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    before = open_files()
    with opened_file(tmp_path / "a") as handle:
        assert handle.read() == b"abc"

    assert open_files() == before


def test_opened_files_are_not_inherited(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")

    with opened_file(tmp_path / "a") as handle:
        assert not os.get_inheritable(handle.fileno())


@pytest.mark.parametrize("name", ["a.md", "ä/中.md", "tab\t"])
def test_a_name_of_utf8_goes_to_the_disk_and_back(name):
    assert os.fsencode(name_on_disk(name)) == name.encode()
    assert name_in_utf8(name_on_disk(name)) == name


def test_a_name_that_is_no_utf8_has_no_text():
    assert name_in_utf8(os.fsdecode(b"bad\xff.md")) is None


def test_a_file_gets_another_content(tmp_path):
    path = tmp_path / "a"
    replace_file(path, b"first")
    replace_file(path, b"x")

    assert path.read_bytes() == b"x"
    assert path.stat().st_mode & 0o777 & ~0o644 == 0
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_a_file_that_gets_another_content_keeps_the_old_one(tmp_path):
    path = tmp_path / "a"
    replace_file(path, b"first")
    with path.open("rb") as handle:
        replace_file(path, b"x")

        assert handle.read() == b"first"


def test_a_link_is_replaced_and_what_it_leads_to_is_left(tmp_path):
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "a").symlink_to("victim")
    replace_file(tmp_path / "a", b"x")

    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "victim").read_bytes() == b"mine"


def test_a_link_where_the_new_content_is_written_is_not_followed(tmp_path):
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / f"a.{os.getpid()}").symlink_to("victim")

    with pytest.raises(OSError):
        replace_file(tmp_path / "a", b"x")
    assert (tmp_path / "victim").read_bytes() == b"mine"


def test_what_a_killed_process_of_the_same_number_left_is_overwritten(tmp_path):
    (tmp_path / f"a.{os.getpid()}").write_bytes(b"left over and longer")
    replace_file(tmp_path / "a", b"x")

    assert (tmp_path / "a").read_bytes() == b"x"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_file_that_cannot_be_replaced_stays_with_nothing_beside_it(tmp_path):
    (tmp_path / "a").mkdir()

    with pytest.raises(OSError):
        replace_file(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_new_content_is_on_the_disk_before_it_takes_the_place(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: done.append(os.fstat(fd).st_size) or fsync(fd))
    monkeypatch.setattr(
        Path, "replace", lambda path, target: done.append("replaced") or replace(path, target)
    )
    replace_file(tmp_path / "a", b"abc")

    assert done == [3, "replaced"]
