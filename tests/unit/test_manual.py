"""The manual page: what it says is what the help says, and every reader of such pages takes it."""

import re
import shutil
import subprocess
import tomllib

import pytest

from tests import manual
from tests.support import REPOSITORY
from tests.unit.test_help import FOLDER, WRITER, writer, written_with

PAGE = manual.PAGE.read_text("utf-8")


def plain(text: str) -> str:
    """The text of the page, without its escapes and breaks."""
    for mark, char in (("\\-", "-"), ("\\(aq", "'"), ("\\e", "\\"), ("\\&", ""), ("\\(ti", "~")):
        text = text.replace(mark, char)
    return " ".join(text.split())


def test_the_page_is_made_of_the_help() -> None:
    if written_with() != writer():
        pytest.skip(f"help was recorded with {written_with()}, this is {writer()}")

    assert manual.page() == PAGE, "if the help is right: make man"
    assert manual.check() == 0


def test_everything_that_the_help_names_is_in_the_page() -> None:
    page = plain(PAGE)
    for path in FOLDER.glob("*.txt"):
        text = path.read_text("utf-8")
        if path == WRITER or "COMMAND [ARGS]" in text:
            continue
        options = set(re.findall(r"(?<![\\w-])--[a-z][a-z-]+", text)) - {"--help"}
        examples = re.findall(r"^    (docsearch .*)$", text, re.MULTILINE)

        assert [option for option in options if option not in page] == []
        assert [line for line in examples if " ".join(line.split()) not in page] == []
        assert text.split("\n")[0].removeprefix("Usage: ").split("[OPTIONS]")[0] in page


def test_the_page_says_every_exit_code() -> None:
    codes = PAGE.partition(".SH EXIT STATUS")[2].partition(".SH")[0]

    assert re.findall(r"^.fB(\d+).fR$", codes, re.MULTILINE) == ["0", *"123456", "130"]
    assert "input, index or config" in codes


@pytest.mark.parametrize("text", [".TH x", "'br", "a\\fBb", "it's `x` ~y ^z -q"])
def test_a_text_is_never_taken_for_a_request(text: str) -> None:
    shown = manual.escaped(text)

    assert not shown.startswith((".", "'"))
    assert "\\fB" not in shown


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="there is no mandoc here")
def test_mandoc_finds_nothing_wrong() -> None:
    ran = subprocess.run(["mandoc", "-T", "lint", manual.PAGE], capture_output=True, text=True)
    found = [line for line in ran.stdout.splitlines() if "missing date" not in line]

    assert found == []


@pytest.mark.skipif(shutil.which("man") is None, reason="there is no man here")
def test_man_shows_it_without_a_warning() -> None:
    ran = subprocess.run(
        ["man", "--warnings", "-l", manual.PAGE], capture_output=True, text=True, check=True
    )

    assert ran.stderr == ""
    assert "docsearch" in ran.stdout


def test_it_is_installed_where_man_looks() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]

    assert shared == {"docs/docsearch.1": "share/man/man1/docsearch.1"}
