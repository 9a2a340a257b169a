"""The same names, words and index in every locale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from docsearch_cli.index.build import build_index
from tests.support import usual_or_soak, write_files

QUESTION = "Wo ist der Käfer?"
UTF8 = {"LC_ALL": "C.UTF-8"}
POSIX = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LATIN1 = {"LC_ALL": "en_US.ISO-8859-1"}
EUC_JP = {"LC_ALL": "ja_JP.EUC-JP"}
LOCALES = [
    pytest.param({"LC_ALL": "C"}, id="c"),
    pytest.param(POSIX, id="posix"),
    pytest.param(LATIN1, id="latin1"),
    pytest.param(EUC_JP, id="euc-jp"),
]


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of locales in which Python would take file names for other characters."""
    folder = tmp_path_factory.mktemp("locales")
    for locale in (LATIN1["LC_ALL"], EUC_JP["LC_ALL"]):
        name, _, charmap = locale.partition(".")
        made = shutil.which("localedef") and subprocess.run(
            ["localedef", "-i", name, "-f", charmap, str(folder / locale)],
            capture_output=True,
            check=False,
        )
        if not made or made.returncode:
            pytest.skip("localedef or its sources are not installed")
    return folder


@pytest.fixture
def run(tmp_path, locales):
    """Run the command in a locale and return what it printed as bytes."""
    write_files(
        tmp_path / "docs",
        {
            "café.md": "# Käfer\n\nDer Käfer 中文. [eins](über/naïve.md) [[naïve]]\n",
            "über/naïve.md": "# Naïve\n\nzebra [zwei](../café.md)\n",
        },
    )
    Path(os.fsdecode(os.fsencode(tmp_path / "docs") + b"/b\xe9te.md")).write_text("# Latin one\n")

    def run(environment: Mapping[str, str], *words: str | bytes) -> bytes:
        ended = subprocess.run(
            [sys.executable, "-m", "docsearch_cli", *words],
            cwd=tmp_path,
            env={**os.environ, "LOCPATH": str(locales), **environment},
            capture_output=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


def _content(folder: Path) -> dict[str, bytes]:
    index = folder / ".docsearch" / "index"
    name = (index / "CURRENT").read_text("utf-8").strip()
    return {path.name: path.read_bytes() for path in (index / name).iterdir()} | {name: b""}


@pytest.mark.parametrize("environment", usual_or_soak(LOCALES[2:], LOCALES))
def test_an_index_is_the_same_in_every_locale(run, tmp_path, environment):
    run(UTF8, "index", "docs", "--index", "utf8")
    run(environment, "index", "docs", "--index", "other")

    assert _content(tmp_path / "other") == _content(tmp_path / "utf8")
    assert b"nothing changed" in run(environment, "index", "docs", "--index", "utf8")


@pytest.mark.parametrize("environment", usual_or_soak(LOCALES[2:], LOCALES))
def test_a_question_is_recorded_as_it_was_typed(run, tmp_path, environment):
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    run(environment, "ask", QUESTION, "--deep", "--engine", "inline")

    assert QUESTION.encode() in run(UTF8, "runs", "list")


def test_a_question_in_the_encoding_of_the_locale_is_recorded_as_it_was_typed(run, tmp_path):
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    run(LATIN1, "ask", QUESTION.encode("latin-1"), "--deep", "--engine", "inline")

    assert QUESTION.encode() in run(UTF8, "runs", "list")


def test_names_are_printed_in_the_encoding_of_the_terminal(run, tmp_path):
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    words = ("ask", "Käfer zebra", "--simple")

    assert "café.md:3".encode() in run(POSIX, *words)
    assert "café.md:3".encode("latin-1") in run(LATIN1, *words)
    assert b"\\u4e2d\\u6587" in run(LATIN1, *words)
    assert b"caf\\xe9.md:3" in run(POSIX | {"PYTHONIOENCODING": "ascii"}, *words)


def test_quotes_stand_in_a_locale_that_the_index_was_not_made_in(run, tmp_path):
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])

    assert b"gone" not in run(LATIN1, "ask", "Käfer", "--simple")
    assert "über/naïve.md".encode() in run(LATIN1, "ask", "zebra", "--simple", "--format", "files")
