"""A file that a person named is written whole, and never through a link."""

import os
import threading

import pytest

from docsearch_cli.cli.written_file import write_file, write_new_file
from docsearch_cli.errors import InputError


def test_a_file_is_replaced_by_all_pieces(tmp_path):
    target = tmp_path / "f"
    target.write_text("before")

    assert write_file(target, ["one ", "zwei ü"]) == 11
    assert target.read_text("utf-8") == "one zwei ü"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_replaced_and_not_followed(tmp_path, is_there):
    mine = tmp_path / "mine"
    if is_there:
        mine.write_text("mine")
    target = tmp_path / "f"
    target.symlink_to(mine)
    write_file(target, ["text"])

    assert not target.is_symlink()
    assert target.read_text() == "text"
    assert (mine.read_text() if is_there else mine.exists()) == ("mine" if is_there else False)


def test_a_pipe_is_written_to(tmp_path):
    target = tmp_path / "p"
    os.mkfifo(target)
    read = []
    reader = threading.Thread(target=lambda: read.append(target.read_text()))
    reader.start()
    write_file(target, ["text"])
    reader.join(10)

    assert read == ["text"]
    assert target.is_fifo()


def test_what_stops_half_way_leaves_what_was_there(tmp_path):
    def pieces():
        yield "one"
        raise OSError(5, "Input/output error")

    target = tmp_path / "f"
    target.write_text("before")
    with pytest.raises(InputError, match="cannot be written: Input/output error"):
        write_file(target, pieces())

    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_is_in_nobodys_place(tmp_path):
    write_new_file(tmp_path / "f", "text")

    with pytest.raises(InputError, match="exists already"):
        write_new_file(tmp_path / "f", "other")
