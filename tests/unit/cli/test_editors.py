import os
import re

import pytest

from docsearch_cli.cli.editors import address_of, command_to_open
from docsearch_cli.errors import ConfigError, InputError

HOST = os.uname().nodename
HOSTILE = "/d/a\x1b]8;;http://e.x\x1b\\b\nc\x07 %41;'\"\\{line}#?é\udcff.md"


def command(editor="file", file="/d/a.md", line=7, *, is_text=True, is_document=True, **variables):
    return command_to_open(
        editor, file, line, is_text=is_text, is_document=is_document, environment=variables
    )


@pytest.mark.parametrize(
    ("editor", "address"),
    [
        ("file", f"file://{HOST}/d/a.md"),
        ("none", ""),
        ("vim", f"file://{HOST}/d/a.md"),
        ("vscode", "vscode://file/d/a.md:7"),
        ("idea", "idea://open?file=/d/a.md&line=7"),
        ("subl://open?url=file://{path}&line={line}", "subl://open?url=file:///d/a.md&line=7"),
        ("nvim +{line} {path}", f"file://{HOST}/d/a.md"),
    ],
)
def test_a_link_leads_where_the_setting_says(editor, address):
    assert address_of(editor, "/d/a.md", 7) == address


def test_without_a_line_a_link_leads_to_the_first():
    assert address_of("vscode", "/d/a.md", None) == "vscode://file/d/a.md:1"


@pytest.mark.parametrize("editor", ["file", "vscode", "idea", "x://{path}?é{other}&l={line}"])
def test_no_name_breaks_out_of_a_link(editor):
    address = address_of(editor, HOSTILE, 7)

    assert re.fullmatch(r"[!-~]+", address)  # ASCII, no blank, no control character
    assert not set(address.split("/d/")[1].split(".md")[0]) & set(";#?'\"\\{}<>")
    assert "%1B" in address
    assert "%0A" in address
    assert "%2541" in address
    assert "%7Bline%7D" in address
    assert address.endswith(".md") or "7" in address


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("vim", ["vim", "+7", "/d/a.md"]),
        ("/usr/bin/nvim", ["/usr/bin/nvim", "+7", "/d/a.md"]),
        ("nano -w", ["nano", "-w", "+7", "/d/a.md"]),
        ("emacsclient -t", ["emacsclient", "-t", "+7", "/d/a.md"]),
        ("code --wait", ["code", "--wait", "-g", "/d/a.md:7"]),
        ("subl", ["subl", "/d/a.md:7"]),
        ("zed", ["zed", "/d/a.md:7"]),
        ("hx", ["hx", "/d/a.md:7"]),
        ("idea.sh", ["idea.sh", "--line", "7", "/d/a.md"]),
        ("pycharm", ["pycharm", "--line", "7", "/d/a.md"]),
        ("my-editor --now", ["my-editor", "--now", "/d/a.md"]),
        ("'/opt/my editor/vim'", ["/opt/my editor/vim", "+7", "/d/a.md"]),
        ("ed -p '{path}@{line}'", ["ed", "-p", "/d/a.md@7"]),
    ],
)
def test_an_editor_gets_the_line_as_it_takes_it(editor, words):
    assert command(EDITOR=editor) == words
    assert command(editor) == words
    assert command(VISUAL=editor, EDITOR="other") == words


def test_the_setting_comes_first_then_the_environment_then_the_desktop():
    assert command("vscode", EDITOR="vim") == ["code", "-g", "/d/a.md:7"]
    assert command("idea", EDITOR="vim") == ["idea", "--line", "7", "/d/a.md"]
    assert command("none", VISUAL=" ", EDITOR="vim") == ["vim", "+7", "/d/a.md"]
    assert command() == ["xdg-open", "/d/a.md"]
    assert command("x://{path}") == ["xdg-open", "x:///d/a.md"]


def test_what_is_no_text_is_for_the_desktop_unless_the_setting_says_otherwise():
    words = {"file": "/d/a.pdf", "line": None, "is_text": False}

    assert command(**words, EDITOR="vim") == ["xdg-open", "/d/a.pdf"]
    assert command("reader", **words) == ["reader", "/d/a.pdf"]
    assert command("vim", **words) == ["vim", "/d/a.pdf"]


def test_on_a_mac_a_text_is_opened_as_a_text(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")

    assert command() == ["open", "-t", "/d/a.md"]
    assert command(is_text=False, line=None) == ["open", "/d/a.md"]


def test_the_desktop_is_not_given_what_it_might_run():
    with pytest.raises(InputError, match="might run it"):
        command(file="/d/a.desktop", is_document=False)
    assert command(file="/d/a.desktop", is_document=False, EDITOR="vim")[0] == "vim"


@pytest.mark.parametrize("editor", ["vim", "code", "subl", "idea", "x '{path}' {line}", "unknown"])
def test_a_hostile_name_is_in_one_word_that_is_no_option(editor):
    words = command(EDITOR=editor, file=HOSTILE)

    assert sum(HOSTILE in word for word in words) == 1
    assert next(word for word in words if HOSTILE in word).startswith("/")


@pytest.mark.parametrize("editor", ["vim 'x", '"'])
def test_what_is_no_command_is_said(editor):
    with pytest.raises(ConfigError, match="is no command"):
        command(EDITOR=editor)
