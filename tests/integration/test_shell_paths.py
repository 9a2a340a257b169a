"""Paths in text are those that the shell opens in the current folder; on a terminal, links."""

import os
import re
from pathlib import Path

import pytest

from tests.integration.test_terminal import on_terminal, raw_terminal

QUESTION = "how do retries and the buffer limit work together?"
_PLACE = re.compile(r"^\d  (\S.*?):(\d+)(?:-\d+)?(?:  |$)", re.MULTILINE)
_LINK = re.compile(r"\x1b\]8;id=[^;]*;([^\x1b]*)\x1b\\")


@pytest.mark.parametrize("here", [".", "docs", "docs/guides", "docs/reference/errors"])
def test_every_printed_path_opens_in_the_current_folder(inline, fenwick, monkeypatch, here):
    monkeypatch.chdir(fenwick / here)
    for words in (["--simple"], ["--deep", "--engine", "inline"], ["--simple", "--format", "md"]):
        text = inline("ask", QUESTION, *words).stdout
        places = _PLACE.findall(text) or re.findall(r"`(\S.*?):(\d+)(?:-\d+)?`", text)
        also = re.findall(r"^   (\S+\.(?:md|rst))$", text, re.MULTILINE)

        assert places
        for path in (*(path for path, _ in places), *also):
            assert Path(path).is_file(), path


def test_what_is_printed_can_be_given_back(inline, fenwick, monkeypatch):
    monkeypatch.chdir(fenwick / "docs" / "guides")
    run_id = inline("ask", QUESTION, "--deep", "--engine", "inline", "--json").data["run_id"]
    text = inline("ask", QUESTION, "--simple").stdout
    for path, line in _PLACE.findall(text):
        assert inline("show", f"{path}:{line}").stdout.startswith(f"{path}:{line}")
        assert inline("runs", "why", run_id, path).stdout.startswith(f"{path} was ")
        started = inline("ask", QUESTION, "--start", path, "--engine", "inline", "--json").data
        assert any(step["path"] == started["documents"][0]["path"] for step in started["steps"])


@pytest.mark.parametrize("name", ["concepts/buffering.md", "docs/concepts/buffering.md"])
def test_a_start_is_named_either_way(inline, fenwick, name):
    words = ["--deep", "--engine", "inline", "--json", "--max-agents", "1", "--start", name]
    (step,) = inline("ask", "buffer", *words).data["steps"]

    assert step["path"] == "concepts/buffering.md"
    assert inline("ask", "x", "--dry-run", "--start", name).code == 0


def test_other_commands_print_the_same_paths(inline, fenwick):
    run_id = inline("ask", QUESTION, "--deep", "--engine", "inline", "--json").data["run_id"]
    texts = {
        "replay": inline("replay", run_id).stdout,
        "step": inline("replay", run_id, "--step", "1").stdout,
        "links": inline("graph", "links").stdout,
        "stats": inline("graph", "stats").stdout,
        "dry run": inline("ask", QUESTION, "--dry-run").stdout,
        "why": inline("runs", "why", run_id, "guides/object-store-sink.md").stdout,
    }

    for name, text in texts.items():
        found = re.findall(r"(?<![\w/.#])[\w-]+/[\w./ -]*?\.(?:md|rst)(?!\w)", text)
        assert found, name
        written = [path for path in found if "->" not in path]
        wrong = [path for path in written if not path.startswith("docs/")]
        if name == "links":  # what a page's author wrote stays as it is
            wrong = [path for path in wrong if f"-> {path}" not in text]
        assert not wrong, name


def test_a_document_that_no_run_and_no_index_knows_is_an_error(inline, fenwick):
    run_id = inline("ask", QUESTION, "--deep", "--engine", "inline", "--json").data["run_id"]
    ended = inline("runs", "why", run_id, "guides/nowhere.md")

    assert ended.code == 3
    assert "is not in the index" in ended.stderr


def test_a_document_that_has_left_the_index_is_still_known_to_the_run(inline, own_fenwick):
    words = ["--deep", "--engine", "inline", "--json"]
    data = inline("ask", QUESTION, *words).data
    path = data["steps"][0]["path"]
    (own_fenwick / "docs" / path).unlink()
    inline("index", "docs")

    assert " was opened" in inline("runs", "why", data["run_id"], path).stdout


def test_json_has_where_each_file_is_in_every_mode(inline, fenwick):
    for words in (["--simple"], ["--deep", "--engine", "inline"], ["--engine", "inline"]):
        data = inline("ask", QUESTION, *words, "--json").data
        for item in (*data["evidence"], *data["documents"]):
            assert item["root"] == str(fenwick / "docs")
            assert item["absolute_path"] == str(fenwick / "docs" / item["path"])


def test_where_the_folder_is_gone_paths_are_those_of_the_index(inline, fenwick):
    (fenwick / "docs").rename(fenwick / "away")
    data = inline("ask", QUESTION, "--simple", "--json").data
    files = inline("ask", QUESTION, "--simple", "--format", "files").stdout.splitlines()

    assert {item["absolute_path"] for item in data["evidence"]} == {None}
    assert {item["root"] for item in data["documents"]} == {None}
    assert files == [item["path"] for item in data["documents"]]
    assert f"{data['evidence'][0]['path']}:" in inline("ask", QUESTION, "--simple").stdout


def test_no_record_and_no_digest_depends_on_where_the_folder_is(inline, fenwick):
    words = ["--deep", "--engine", "inline", "--json"]
    run_id = inline("ask", QUESTION, *words).data["run_id"]
    here = str(fenwick).encode()
    held = {
        file: here in file.read_bytes()
        for file in (fenwick / ".docsearch").rglob("*")
        if file.is_file() and run_id in str(file)
    }

    assert held
    assert not any(held.values())


def test_on_a_terminal_a_path_is_a_link_that_an_editor_follows(fenwick, monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    for editor, start in (("file", f"file://{os.uname().nodename}/"), ("vscode", "vscode://file/")):
        monkeypatch.setenv("DOCSEARCH_EDITOR", editor)
        shown = raw_terminal(80, 40, "ask", QUESTION, "--simple", cwd=fenwick)
        links = _LINK.findall(shown)

        assert links
        assert all(link.startswith(start) for link in links)
        assert all(str(fenwick) in link for link in links)
    monkeypatch.setenv("DOCSEARCH_EDITOR", "none")
    assert "\x1b]8" not in raw_terminal(80, 40, "ask", QUESTION, "--simple", cwd=fenwick)


@pytest.mark.parametrize("command", [["show", "docs/reference/cli.rst:3"], ["graph", "links"]])
def test_other_commands_link_too(fenwick, monkeypatch, command):
    monkeypatch.delenv("NO_COLOR")

    assert _LINK.search(raw_terminal(80, 40, *command, cwd=fenwick))


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_is_told_to_show_no_links_shows_none(fenwick, monkeypatch, name, value):
    monkeypatch.delenv("NO_COLOR")
    shown = raw_terminal(80, 40, "ask", QUESTION, "--simple", cwd=fenwick, **{name: value})

    assert "\x1b]8" not in shown


def test_a_pipe_has_no_links_whatever_forces_colour(inline, fenwick, monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    assert "\x1b]8" not in inline("ask", QUESTION, "--simple").stdout


def test_a_hostile_name_breaks_out_of_no_link(index_of, monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    name = "\x1b]8;;http://e.x\x1b\\click\x07 %1b\n;.md"
    folder = index_of({name: "# Zebra\n\nA zebra walks.\n"})
    shown = raw_terminal(200, 40, "ask", "zebra", "--simple", cwd=folder)
    links = _LINK.findall(shown)

    assert links
    for link in links:
        assert re.fullmatch(r"file://[!-~]*", link)
        assert "http://" not in link
    assert "\x07" not in shown
    assert shown.count("\x1b]8;;\x1b\\") == len(links)  # each link ends, and nothing else does


def test_links_change_nothing_that_is_seen(fenwick, monkeypatch):
    words = ("ask", QUESTION, "--simple")
    plain, _ = on_terminal(60, 60, *words, cwd=fenwick)
    monkeypatch.delenv("NO_COLOR")
    linked, _ = on_terminal(60, 60, *words, cwd=fenwick)

    assert linked == plain


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_shows_whole_paths(fenwick, columns):
    lines, _ = on_terminal(columns, 60, "ask", QUESTION, "--simple", "-C", "1", cwd=fenwick)

    places = _PLACE.findall("\n".join(lines))
    assert places
    assert all((fenwick / path).is_file() for path, _ in places)
