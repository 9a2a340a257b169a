import json
import os
import shutil
import signal
import subprocess
import threading
from dataclasses import replace

import psutil
import pytest

from docsearch_cli.index.changes import find_changes
from docsearch_cli.index.store import writer_lock
from tests.support import command_line, is_gone, wait_until, write_files

DATA_KEYS = {
    "index",
    "digest",
    "unchanged",
    "read",
    "verified",
    "roots",
    "left_out",
    "language",
    "languages",
    "model",
    "changes",
    "counts",
    "skipped",
    "links",
    "seconds",
}


def test_a_folder_is_indexed_and_counted(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n", "b.md": "# B\n"})
    ended = inline("index", "docs")

    assert ended.code == 0
    assert "2 documents" in ended.stdout
    assert len(ended.stderr.splitlines()) <= 2  # what the extra would add, said once


def test_the_json_result_has_its_keys(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n"})
    ended = inline("index", "docs", "--json")

    assert set(ended.data) == DATA_KEYS
    assert ended.document["command"] == "index"
    assert ended.stderr == ""


def test_indexing_again_says_that_nothing_changed(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n"})
    inline("index", "docs")

    assert "nothing changed" in inline("index", "docs").stdout


def test_a_missing_argument_is_a_usage_error_and_indexes_nothing(inline, tmp_path):
    ended = inline("index")

    assert ended.code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["nope/", "nope.md", ""])
def test_a_missing_path_is_an_error_and_leaves_nothing(inline, tmp_path, path):
    ended = inline("index", path) if path else inline("index", "docs", "nope")

    assert ended.code == 3
    assert "there is no file or folder" in ended.stderr
    assert not (tmp_path / ".docsearch").exists()


def test_a_regular_file_is_indexed_by_itself(inline, tmp_path):
    write_files(tmp_path, {"file.md": "# Only This\n", "other.md": "# Other\n"})

    assert inline("index", "file.md", "--json").data["counts"]["documents"] == 1


def test_an_empty_folder_is_indexed_and_said(inline, corpus_folder):
    ended = inline("index", "docs")

    assert ended.code == 0
    assert "0 documents" in ended.stdout
    assert "the index is empty" in ended.stderr


def test_what_is_skipped_is_counted_by_reason(inline, corpus_folder):
    write_files(
        corpus_folder,
        {
            "a.md": "# A\n",
            "b.bin": b"\x00\x01\x02" * 100,
            "ignored.md": "# I\n",
            ".gitignore": "ignored.md\n",
        },
    )
    os.mkfifo(corpus_folder / "pipe.md")
    (corpus_folder / "passwd.md").symlink_to("/etc/passwd")
    (corpus_folder / "dangling.md").symlink_to("nowhere")
    data = inline("index", "docs", "--json").data
    files = inline("status", "--json").data["files"]

    assert data["counts"]["documents"] == 1
    assert sum(data["skipped"].values()) == sum(row["status"] == "skipped" for row in files) >= 5
    assert all(row["reason"] for row in files if row["status"] == "skipped")


def test_a_file_name_that_is_not_utf8_is_printable_everywhere(docsearch, corpus_folder, tmp_path):
    (corpus_folder / os.fsdecode(b"bad\xff.md")).write_text("# Windy Place\n\nIt is windy.\n")

    assert docsearch("index", "docs").code == 0
    for words in (["status", "--json"], ["graph", "links"], ["ask", "windy", "--simple"]):
        ended = docsearch(*words)
        assert ended.code == 0
        assert "Traceback" not in ended.stderr
        assert "bad" in ended.stdout
    deep = docsearch("ask", "windy", "--deep", "--json", "--engine", "inline")
    assert deep.code == 0
    assert len(deep.data["evidence"]) == 1


def test_a_bad_file_does_not_stop_the_others(inline, corpus_folder):
    write_files(
        corpus_folder,
        {
            "utf16.md": "# Breezy\n\nBreezy indeed.\n".encode("utf-16"),
            "bad.pdf": b"%PDF-1.4 not really",
            "bad.ipynb": b"{",
            "a.md": "# Windy\n\nWindy.\n",
        },
    )
    ended = inline("index", "docs", "--json")

    assert ended.code == 0
    assert ended.data["counts"]["documents"] >= 1
    assert inline("ask", "windy", "--simple", "--json").data["documents"][0]["path"] == "a.md"


def test_an_edited_fact_replaces_the_old_one(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# Port\n\nThe port is 7413.\n", "b.md": "# Other\n"})
    inline("index", "docs")
    (corpus_folder / "a.md").write_text("# Port\n\nThe port is 9000.\n")
    inline("index", "docs")
    ended = inline("ask", "which port 7413", "--simple", "--json")

    assert "7413" not in json.dumps(ended.data["evidence"])
    assert "9000" in json.dumps(ended.data["evidence"])


def test_a_deleted_file_is_not_found_any_more(inline, corpus_folder):
    write_files(
        corpus_folder, {"a.md": "# Port\n\nThe zebra port.\n", "b.md": "# B\n\n[p](a.md)\n"}
    )
    inline("index", "docs")
    (corpus_folder / "a.md").unlink()
    inline("index", "docs")

    assert inline("ask", "zebra", "--simple", "--json").data["documents"] == []
    broken = inline("graph", "links", "--json").data["broken"]
    assert [(link["source_path"], link["target"]) for link in broken] == [("b.md", "a.md")]


def test_a_deleted_file_does_not_come_back_from_the_cache(inline, corpus_folder):
    write_files(
        corpus_folder, {"a.md": "# Port\n\nThe zebra port.\n", "b.md": "# Zoo\n\nA zebra too.\n"}
    )
    inline("index", "docs")
    inline("ask", "zebra", "--deep", "--engine", "inline")
    (corpus_folder / "a.md").unlink()
    inline("index", "docs")
    data = inline("ask", "zebra", "--deep", "--engine", "inline", "--json").data

    assert {step["path"] for step in data["steps"]} == {"b.md"}


def test_an_index_can_be_put_elsewhere(inline, corpus_folder, tmp_path):
    write_files(corpus_folder, {"a.md": "# Windy\n"})
    inline("index", "docs", "--index", "elsewhere")

    assert not (tmp_path / ".docsearch").exists()
    assert inline("ask", "windy", "--simple", "--index", "elsewhere").code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_the_old_index_and_no_process(
    docsearch, corpus_folder, tmp_path, number
):
    write_files(corpus_folder, {"a.md": "# First\n"})
    docsearch("index", "docs")
    text = "words of every kind, [next](p1.md) and more " * 30
    write_files(corpus_folder, {f"p{n}.md": f"# Page {n}\n\n{text}\n" for n in range(700)})
    process = subprocess.Popen(
        command_line("index", "docs"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    building = tmp_path / ".docsearch" / "index"
    assert wait_until(lambda: any(building.glob("*.building")) or process.poll() is not None)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=20)

    assert process.returncode == 130
    assert b"Traceback" not in stderr
    assert wait_until(lambda: all(is_gone(child.pid) for child in children))
    assert docsearch("status", "--json").data["counts"]["documents"] == 1


def test_two_builds_at_once_do_not_harm_each_other(corpus_folder, tmp_path, docsearch):
    write_files(corpus_folder, {f"p{n}.md": f"# Page {n}\n\nText.\n" for n in range(200)})
    running = [
        subprocess.Popen(
            command_line("index", "docs", "--json"), cwd=tmp_path, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    ended = [(process.communicate()[0], process.returncode) for process in running]

    codes = [code for _, code in ended]
    assert 0 in codes
    assert set(codes) <= {0, 3}
    for out, code in ended:
        if code:
            assert json.loads(out)["errors"][0]["code"] == "index_locked"
    assert docsearch("status", "--verify", "--json").data["counts"]["documents"] == 200


def test_indexing_another_folder_says_what_is_no_longer_indexed(inline, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.md").write_text(f"# {name}\n")
    inline("index", "one")
    ended = inline("index", "two", "--allow-removal")

    assert f"no longer indexed: {tmp_path / 'one'}" in ended.stderr
    assert inline("index", ".", "--json").data["left_out"] == []
    assert inline("index", "one", "--json").data["left_out"] == [str(tmp_path)]


def test_the_first_index_without_embeddings_says_once_what_they_would_add(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n"})
    first = inline("index", "docs")
    again = inline("index", "docs", "--rebuild")

    assert "docsearch index --model all-MiniLM-L6-v2" in first.stderr
    assert again.stderr == ""


def test_only_what_changed_is_read_and_said(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n", "b.md": "# B\n"})
    inline("index", "docs")
    write_files(corpus_folder, {"b.md": "# B\n\nMore.\n"})
    ended = inline("index", "docs")

    assert "(1 file read)" in ended.stdout


def test_an_index_is_compared_with_a_clean_build(inline, corpus_folder, tmp_path):
    write_files(corpus_folder, {"a.md": "# A\n", "b.md": "# B\n"})
    inline("index", "docs")
    write_files(corpus_folder, {"b.md": "# B\n\n[a](a.md)\n"})
    before = set((tmp_path / ".docsearch").iterdir())
    ended = inline("index", "docs", "--verify")

    assert "equal those of a clean build" in ended.stdout
    assert inline("index", "docs", "--verify", "--json").data["verified"] is True
    assert set((tmp_path / ".docsearch").iterdir()) == before


def test_an_index_that_differs_from_a_clean_build_is_an_error(inline, corpus_folder, monkeypatch):
    write_files(corpus_folder, {"a.md": "# A\n"})
    inline("index", "docs")
    write_files(corpus_folder, {"b.md": "# A\n"})
    monkeypatch.setattr("docsearch_cli.index.build.find_changes", nothing_to_read)
    ended = inline("index", "docs", "--verify")

    assert ended.code == 3
    assert "differs from a clean build in" in ended.stderr


def nothing_to_read(found, earlier):
    """Find changes wrongly: what is new is overlooked where there is an index before."""
    changes = find_changes(found, earlier)
    return changes if earlier is None else replace(changes, to_read=())


def test_a_folder_that_lost_its_documents_needs_a_word(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n\nIt is windy.\n"})
    inline("index", "docs")
    (corpus_folder / "a.md").unlink()
    refused = inline("index", "docs")

    assert refused.code == 3
    assert "--allow-empty" in refused.stderr
    assert "windy" in inline("ask", "windy").stdout
    assert inline("index", "docs", "--allow-empty").code == 0


class Watch:
    """An index that is kept current by a process."""

    def __init__(self, folder, path):
        self.process = subprocess.Popen(
            command_line("index", path, "--watch"),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while "watching" not in self.process.stderr.readline():
            pass

    def line(self):
        """Return the next line; a watch that has nothing more to say is ended after a while."""
        is_late = threading.Timer(20, self.process.kill)
        is_late.start()
        line = self.process.stdout.readline()
        is_late.cancel()
        return line

    def end(self):
        """End it and return its exit code."""
        with self.process as process:
            process.send_signal(signal.SIGINT)
            return process.wait(timeout=20)


def test_a_watch_indexes_what_changes_until_a_signal_ends_it(corpus_folder, tmp_path):
    write_files(corpus_folder, {"a.md": "# A\n"})
    watch = Watch(tmp_path, "docs")
    write_files(corpus_folder, {"b.md": "# B\n"})
    lines = [watch.line(), watch.line()]

    assert watch.end() == 130
    assert "1 document," in lines[0]
    assert "2 documents" in lines[1]


@pytest.mark.parametrize("how", ["renamed", "removed"])
def test_a_watch_goes_on_when_its_folder_is_replaced(corpus_folder, tmp_path, how):
    write_files(corpus_folder, {"a.md": "# A\n"})
    watch = Watch(tmp_path, "docs")
    write_files(tmp_path / "new", {"a.md": "# A\n", "b.md": "# B\n"})
    if how == "renamed":
        corpus_folder.rename(tmp_path / "old")
    else:
        shutil.rmtree(corpus_folder)
    (tmp_path / "new").rename(corpus_folder)
    lines = [watch.line(), watch.line()]
    write_files(corpus_folder, {"c.md": "# C\n"})
    lines.append(watch.line())
    watch.end()

    assert "2 documents" in lines[1]
    assert "3 documents" in lines[2]


def test_a_watch_goes_on_when_its_file_is_replaced(tmp_path):
    for number in range(3):
        write_files(tmp_path, {"new.md": "# A\n\nText.\n\n" + "## B\n\nText.\n\n" * number})
        (tmp_path / "new.md").rename(tmp_path / "a.md")
        if not number:
            watch = Watch(tmp_path, "a.md")
            watch.line()
        else:
            assert f"{number + 1} sections" in watch.line()
    watch.end()


def test_a_watch_indexes_what_an_ignore_file_above_its_folder_lets_in(corpus_folder, tmp_path):
    write_files(corpus_folder, {"a.md": "# A\n", "b.md": "# B\n"})
    write_files(tmp_path, {".git/HEAD": "", ".gitignore": "b.md\n"})
    watch = Watch(tmp_path, "docs")
    lines = [watch.line(), watch.line()]
    write_files(tmp_path, {"new": "*.x\n"})
    (tmp_path / "new").rename(tmp_path / ".gitignore")
    lines.append(watch.line())
    watch.end()

    assert "1 document," in lines[0]
    assert "2 documents" in lines[2]


def test_a_watch_waits_for_another_build(corpus_folder, tmp_path):
    write_files(corpus_folder, {"a.md": "# A\n"})
    watch = Watch(tmp_path, "docs")
    watch.line()
    with writer_lock(tmp_path / ".docsearch"):
        write_files(corpus_folder, {"b.md": "# B\n"})
        assert "is building the index" in watch.process.stderr.readline()

    assert "2 documents" in watch.line()
    watch.end()


def test_a_watch_has_no_json_result(inline, corpus_folder):
    assert inline("index", "docs", "--watch", "--json").code == 2


def test_an_empty_path_is_not_the_current_folder(inline, tmp_path):
    """As ``docsearch index "$DOCS"`` gives where the variable is unset."""
    ended = inline("index", "")

    assert ended.code == 2
    assert "it is empty" in ended.stderr
    assert not (tmp_path / ".docsearch").exists()


def test_one_document_is_no_plural(inline, tmp_path):
    write_files(tmp_path / "docs", {"a.md": "# A\n\nText.\n"})

    assert "1 document, 1 section, 0 edges" in inline("index", "docs").stdout


@pytest.mark.parametrize("named", ["empty", "picture.png"])
def test_a_path_without_documents_does_not_empty_an_index(inline, own_fenwick, named):
    before = inline("status", "--json").data["counts"]["documents"]
    (own_fenwick / "empty").mkdir()
    (own_fenwick / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    refused = inline("index", named)

    assert refused.code == 3
    assert f"there is no document in {own_fenwick / named}" in refused.stderr
    assert f"the index here holds {before}" in refused.stderr
    assert inline("status", "--json").data["counts"]["documents"] == before
    assert inline("index", named, "--allow-empty").code == 0
    assert inline("status", "--json").data["counts"]["documents"] == 0


def test_what_a_library_says_of_a_file_is_not_printed(docsearch, corpus_folder):
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Type/Outlines/First 5 0 R/Last 6 0 R/Count 2>>",
        b"<</Title(One)/Parent 4 0 R/Dest[3 0 R/Fit]/Next 6 0 R>>",
        b"<</Title(Two)/Parent 4 0 R/Dest[3 0 R/Fit]/Next 5 0 R>>",  # each follows the other
    ]
    body = b"".join(b"%d 0 obj%sendobj\n" % (n, data) for n, data in enumerate(objects, start=1))
    write_files(
        corpus_folder,
        {"a.md": "# A\n", "b.pdf": b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 7>>\n%%EOF"},
    )
    ended = docsearch("index", "docs", "--json")

    assert (ended.code, ended.stderr) == (0, "")
    assert ended.data["counts"]["documents"] == 2


@pytest.fixture
def other_folder(inline, corpus_folder, tmp_path):
    """An index of four documents, and another folder with one."""
    write_files(corpus_folder, {f"{name}.md": f"# {name}\n\nWindy.\n" for name in "abcd"})
    write_files(tmp_path / "other", {"x.md": "# X\n\nCalm.\n"})
    assert inline("index", "docs").code == 0
    return tmp_path


def test_most_documents_are_removed_only_if_that_is_allowed(inline, other_folder):
    refused = inline("index", "other", "--json")

    (error,) = refused.document["errors"]
    assert (refused.code, error["code"]) == (3, "documents_removed")
    assert "--allow-removal" in error["hint"]
    assert "Windy" in inline("ask", "windy").stdout
    done = inline("index", "other", "--allow-removal")
    assert "documents: 1 added, 4 removed (of 4)" in done.stdout


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 3)])
def test_a_person_is_asked_whether_most_documents_go(
    inline, other_folder, monkeypatch, answer, code
):
    asked = []
    monkeypatch.setattr("docsearch_cli.cli.indexing._is_answered", lambda _: True)
    monkeypatch.setattr("typer.confirm", lambda text, **_: asked.append(text) or answer)
    ended = inline("index", "other")

    assert ended.code == code
    assert asked == ["Remove them from the index?"]
    assert "4 of the 4 documents" in ended.stderr


def test_a_search_does_not_remove_most_documents_first(inline, other_folder):
    for name in "abc":
        (other_folder / "docs" / f"{name}.md").unlink()
    ended = inline("ask", "windy", "--refresh")

    assert ended.code == 3
    assert "--allow-removal" in ended.stderr


def test_removed_documents_are_counted(inline, other_folder):
    (other_folder / "docs" / "a.md").unlink()

    assert "documents: 1 removed (of 4)" in inline("index", "docs").stdout
    (other_folder / "docs" / "b.md").unlink()
    assert "documents: 1 removed (of 3)" in inline("ask", "windy", "--refresh").stderr


def test_without_a_path_what_is_indexed_is_indexed_again(docsearch, corpus_folder):
    corpus_folder.mkdir(exist_ok=True)
    (corpus_folder / "a.md").write_text("# A\n\nzebra\n")
    docsearch("index", "docs")
    (corpus_folder / "b.md").write_text("# B\n\nokapi\n")
    again = docsearch("index")
    below = docsearch("index", cwd=corpus_folder)

    assert (again.code, below.code) == (0, 0)
    assert "documents: 1 added" in again.stdout
    assert "nothing changed" in below.stdout
    assert not (corpus_folder / ".docsearch").exists()


def test_without_a_path_and_an_index_a_folder_must_be_named(docsearch):
    ended = docsearch("index")

    assert ended.code == 2
    assert "there is no index here yet" in ended.stderr
    assert "docsearch index PATH" in ended.stderr
