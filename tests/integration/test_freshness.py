"""An answer says when the files are no longer those that were indexed."""

import os
import shutil

import numpy as np
import pytest

from docsearch_cli.corpus.walk.walk_roots import walk_in_time
from docsearch_cli.index import freshness
from tests.support import write_files

PAGE = "# Mill\n\nThe mill was built in 1832.\n"


@pytest.fixture
def docs(inline, corpus_folder):
    write_files(corpus_folder, {"mill.md": PAGE, "guide/oven.md": "# Oven\n\nBread is baked.\n"})
    inline("index", "docs")
    return corpus_folder


def states(ended):
    return {item["path"]: item["state"] for item in ended.data["evidence"]}


def test_nothing_is_said_while_the_files_are_those_indexed(inline, docs):
    ended = inline("ask", "when was the mill built?", "--json")

    assert states(ended) == {"mill.md": "current"}
    assert ended.data["changed"] == {"files": [], "folders": []}
    assert "since" not in inline("ask", "when was the mill built?").stderr


def test_a_quote_that_is_no_longer_in_its_file_is_marked(inline, docs):
    (docs / "mill.md").write_text("# Mill\n\nIt burned down.\n")
    ended = inline("ask", "when was the mill built?")

    assert "1832" in ended.stdout
    assert "no longer on these lines" in ended.stdout
    assert states(inline("ask", "when was the mill built?", "--json")) == {"mill.md": "changed"}


def test_a_quote_that_still_stands_is_not_marked(inline, docs):
    (docs / "mill.md").write_text(PAGE + "\nIt burned down in 1901.\n")
    ended = inline("ask", "when was the mill built?", "--json")

    assert states(ended) == {"mill.md": "current"}
    assert ended.data["changed"]["files"] == ["mill.md"]


def test_a_file_that_is_gone_is_said(inline, docs):
    (docs / "mill.md").unlink()
    ended = inline("ask", "when was the mill built?")

    assert "the file has been removed" in ended.stdout
    assert states(inline("ask", "when was the mill built?", "--json")) == {"mill.md": "gone"}


@pytest.mark.parametrize("deep", [[], ["--deep", "--engine", "inline"]])
def test_a_change_anywhere_is_said_and_refreshed_on_demand(inline, docs, deep):
    (docs / "guide" / "oven.md").write_text("# Oven\n\nBread and cake.\n")
    question = ["ask", "is there cake?", *deep]

    assert "1 file (docs/guide/oven.md) changed or gone" in inline(*question).stderr
    refreshed = inline(*question, "--refresh")
    assert "cake" in refreshed.stdout
    assert "since the documents were indexed" not in refreshed.stderr


def test_a_new_file_is_noticed_by_its_folder(inline, docs):
    write_files(docs, {"guide/new.md": "# New\n"})

    assert "added, removed or renamed in 1 folder" in inline("ask", "mill").stderr


def test_a_file_in_a_folder_that_had_none_is_noticed(inline, docs):
    (docs / "new").mkdir()
    inline("index", "docs")
    write_files(docs, {"new/a.md": "# New\n"})

    assert "added, removed or renamed in 1 folder" in inline("ask", "mill").stderr


def test_a_file_that_came_after_its_folder_was_listed_is_noticed(inline, docs, monkeypatch):
    os.utime(docs, (1_000_000_000, 1_000_000_000))

    def walk_then_write(roots):
        walked = walk_in_time(roots)
        (docs / "new.md").write_text("# New\n")
        return walked

    monkeypatch.setattr("docsearch_cli.index.changes.walk_in_time", walk_then_write)
    inline("index", "docs")

    assert "added, removed or renamed in 1 folder" in inline("ask", "mill").stderr


def test_an_edited_ignore_file_is_noticed(inline, docs):
    (docs / ".gitignore").write_text("guide/\n")
    inline("index", "docs")
    (docs / ".gitignore").write_text("")

    assert "1 file (" in inline("ask", "mill").stderr
    assert inline("ask", "oven", "--refresh").stdout.count("oven.md")


@pytest.mark.parametrize("name", [".gitignore", ".git/info/exclude"])
def test_an_ignore_file_above_the_root_is_noticed_when_it_comes_changes_and_goes(
    inline, docs, tmp_path, name
):
    file = tmp_path / name
    write_files(tmp_path, {".git/HEAD": ""})
    file.parent.mkdir(exist_ok=True)
    edits = (lambda: file.write_text("guide/\n"), lambda: file.write_text("*.x\n"), file.unlink)
    for edit in edits:
        inline("index", "docs")
        assert "since" not in inline("ask", "mill").stderr
        edit()

        assert f"1 file ({file.relative_to(tmp_path)}) changed or gone" in inline(
            "ask", "mill"
        ).stderr.replace("\n", "")

    assert "since" not in inline("ask", "mill", "--refresh").stderr


def test_a_broken_file_that_was_mended_is_noticed(inline, docs):
    (docs / "book.ipynb").write_text('{"cells": [')
    inline("index", "docs")
    assert "since" not in inline("ask", "mill").stderr
    (docs / "book.ipynb").write_text('{"cells": []}')

    assert "1 file (docs/book.ipynb) changed or gone" in inline("ask", "mill").stderr


def test_what_happens_around_a_single_file_is_not_said(inline, corpus_folder):
    write_files(corpus_folder, {"mill.md": PAGE})
    inline("index", "docs/mill.md")
    write_files(corpus_folder, {"other.md": "# Other\n"})

    assert "since" not in inline("ask", "when was the mill built?").stderr


def test_many_files_are_not_all_looked_at(inline, docs, monkeypatch):
    monkeypatch.setattr(freshness, "MOST_CHECKED_FILES", 1)
    monkeypatch.setattr(freshness, "stat_now", lambda _path: pytest.fail("looked at"))

    assert inline("ask", "when was the mill built?").code == 0


def test_what_files_looked_like_may_be_lost(inline, docs, tmp_path):
    (seen,) = (tmp_path / ".docsearch" / "index").glob("*.seen")
    for path in seen.iterdir():
        path.write_bytes(b"garbage")

    assert states(inline("ask", "when was the mill built?", "--json")) == {"mill.md": "current"}


def test_a_name_that_is_no_utf8_is_not_said_to_be_gone(inline, corpus_folder):
    (corpus_folder / os.fsdecode(b"mill\xff.md")).write_text(PAGE)
    inline("index", "docs")
    ended = inline("ask", "when was the mill built?", "--json")

    assert states(ended) == {"mill\\xff.md": "unknown"}
    assert ended.data["changed"]["files"] == []


@pytest.mark.parametrize("several", [False, True])
def test_single_files_and_several_roots_are_looked_at(inline, corpus_folder, tmp_path, several):
    write_files(corpus_folder, {"mill.md": PAGE, "oven.md": "# Oven\n"})
    roots = ["docs/mill.md", "docs/oven.md"] if several else ["docs/mill.md"]
    inline("index", *roots)
    assert "since" not in inline("ask", "when was the mill built?").stderr
    (corpus_folder / "mill.md").write_text("# Mill\n")

    assert states(inline("ask", "when was the mill built?", "--json")) == {"mill.md": "changed"}


def test_a_damaged_index_is_told_from_a_bug(inline, docs, tmp_path):
    (texts,) = (tmp_path / ".docsearch" / "index").glob("*/sections.texts.utf8")
    data = bytearray(texts.read_bytes())
    data[:] = b"\xff" * len(data)
    texts.write_bytes(data)
    ended = inline("ask", "when was the mill built?")

    assert ended.code == 3
    assert "sections.texts.utf8 is damaged" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("seen", ["lost", "of another folder"])
def test_an_index_of_elsewhere_makes_nothing_be_read(inline, docs, tmp_path, seen):
    """It came with a cloned folder, and names a folder of this machine as its root."""
    (folder,) = (tmp_path / ".docsearch" / "index").glob("*.seen")
    if seen == "lost":
        shutil.rmtree(folder)
    else:
        np.save(folder / "roots.npy", np.array([[1, 1]], np.int64))
    write_files(docs, {"secret.md": "# Secret\n\nThe password is hunter2.\n"})
    ended = inline("ask", "password", "--refresh")

    assert ended.code == 3
    assert "was not made here" in ended.stderr
    assert "hunter2" not in inline("ask", "mill password").stdout


def test_a_pipe_in_place_of_a_quoted_file_does_not_block(inline, docs):
    (docs / "mill.md").unlink()
    os.mkfifo(docs / "mill.md")

    assert states(inline("ask", "when was the mill built?", "--json")) == {"mill.md": "gone"}


def test_an_index_whose_folder_was_moved_says_that_it_is_gone(inline, own_fenwick):
    (own_fenwick / "docs").rename(own_fenwick / "moved")
    ended = inline("ask", "sink", "--simple", "--refresh")

    assert ended.code == 3
    assert f"was made from {own_fenwick / 'docs'}, which is gone" in ended.stderr
    assert "index it where it is now" in ended.stderr
