"""``ask -C``: the lines around each quote, in every format that has room for them."""

import re

import pytest

from tests.integration.test_terminal import on_terminal, raw_terminal

QUESTION = "how do retries and the buffer limit work together?"
PAGE = "# Oven\n\nFirst *line*.\n\n## Rack\n\nThe zebra walks.\n\n## Door\n\nLast line.\n"


def lines_of(file, first, last):
    return "\n".join(file.read_text().split("\n")[first - 1 : last])


@pytest.mark.parametrize("mode", [["--simple"], ["--deep", "--engine", "inline"]])
def test_context_and_quote_are_the_files_own_lines(inline, fenwick, mode):
    for lines in (1, 3):
        data = inline("ask", QUESTION, *mode, "-C", str(lines), "--json").data

        assert data["evidence"]
        for item in data["evidence"]:
            around = item["context"]
            assert around["before"] + item["quote"] + around["after"] == lines_of(
                fenwick / "docs" / item["path"], around["line_start"], around["line_end"]
            )
            assert around["line_start"] == max(1, item["line_start"] - lines)
            assert item["line_end"] <= around["line_end"] <= item["line_end"] + lines


def test_without_the_option_there_is_no_context(inline, fenwick):
    for words in ([], ["-C", "0"]):
        data = inline("ask", QUESTION, "--simple", *words, "--json").data

        assert not any("context" in item for item in data["evidence"])


def test_resume_and_fork_have_it_too(inline, fenwick):
    words = ["--deep", "--engine", "inline", "--max-agents", "3", "--json"]
    run_id = inline("ask", QUESTION, *words).data["run_id"]
    fork = ["fork", run_id, "--at", "0", "--set", "max_agents=4", "--engine", "inline"]

    assert all("context" in item for item in inline(*fork, "-C", "1", "--json").data["evidence"])
    assert inline("resume", run_id, "-C", "1", "--format", "csv").code == 2


def test_in_text_the_lines_stand_around_the_quote(inline, index_of):
    index_of({"oven.md": PAGE})
    lines = inline("ask", "zebra walks", "--simple", "-n", "1", "-C", "4").stdout.splitlines()
    at = lines.index('   "The zebra walks."')

    assert lines[at - 3 : at] == ["    First *line*.", "", "    ## Rack"]
    assert lines[at + 1 : at + 4] == ["    ## Door", "", "    Last line."]


def test_on_a_terminal_they_are_dimmed_and_wrapped(index_of, monkeypatch):
    folder = index_of({"oven.md": PAGE.replace("First", "First " + "long " * 30)})
    words = ("ask", "zebra walks", "--simple", "-n", "1", "-C", "4")
    lines, _ = on_terminal(40, 40, *words, cwd=folder)
    monkeypatch.delenv("NO_COLOR")

    assert max(map(len, lines)) <= 40
    assert "\x1b[2mLast line.\x1b[0m" in raw_terminal(80, 40, *words, cwd=folder)


def test_in_markdown_the_quote_stands_in_its_lines_and_nothing_acts(inline, index_of):
    index_of({"oven.md": PAGE.replace("First *line*.", "![x](http://e.x) <img> &amp; `c`\n\n> q")})
    words = ["ask", "zebra walks", "--simple", "-n", "1", "-C", "5", "--format", "md"]
    text = inline(*words).stdout

    assert "\\#\\# Rack\n>\n> > The zebra walks.\n>\n> \\#\\# Door\\\n> Last line." in text
    assert "![x]" not in text
    assert "<img" not in text.replace("\\<", "")


def test_control_characters_around_a_quote_are_shown_not_sent(inline, index_of):
    index_of({"oven.md": PAGE.replace("Last", "\x1b[2JLa\x07st\u202e")})
    for style in ("text", "md"):
        ended = inline("ask", "zebra walks", "--simple", "-C", "4", "--format", style)

        assert not set("\x1b\x07\u202e") & set(ended.stdout)
        assert "␛" in ended.stdout


def test_with_many_lines_asked_for_as_many_are_shown_as_there_are(inline, index_of):
    index_of({"oven.md": PAGE})
    item = inline("ask", "zebra", "--simple", "-C", "999999999", "--json").data["evidence"][0]

    assert item["context"]["before"] + item["quote"] + item["context"]["after"] == PAGE.strip()


def test_a_negative_number_is_a_usage_error(inline, fenwick):
    assert inline("ask", QUESTION, "-C", "-1").code == 2


def test_fewer_quotes_are_shown_where_context_takes_their_room(fenwick):
    few, _ = on_terminal(80, 24, "ask", QUESTION, "--simple", "-C", "9", cwd=fenwick)
    all_of_them, _ = on_terminal(80, 24, "ask", QUESTION, "--simple", cwd=fenwick)

    shown, without = (
        [line for line in lines if re.match(r"\d  \S", line)] for lines in (few, all_of_them)
    )
    assert len(shown) == 1 < len(without)
    assert re.search(r"^\d+ more quotes", "\n".join(few), re.MULTILINE)
