import locale
import sys

import pytest

from docsearch_cli.cli.utf8_mode import restart_in_utf8_mode, typed_text


class _Stream:
    def __init__(self, encoding):
        self.encoding = encoding


@pytest.fixture
def started(monkeypatch):
    """What was started instead of this interpreter, which has the encoding Latin-1."""
    calls = []
    monkeypatch.setattr("os.execve", lambda *call: calls.append(call))
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    monkeypatch.setattr(sys, "orig_argv", ["python", "-I", "-m", "docsearch_cli", "ask", "x"])
    monkeypatch.setattr(sys, "_xoptions", {})
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    return calls


def test_the_command_starts_again_in_utf8_mode_and_prints_as_before(started, monkeypatch):
    monkeypatch.setattr(sys, "stdout", _Stream("iso8859-1"))
    restart_in_utf8_mode()

    ((program, arguments, environment),) = started
    assert program == sys.executable
    assert arguments[1:] == ["-X", "utf8", "-I", "-m", "docsearch_cli", "ask", "x"]
    assert environment["PYTHONUTF8"] == "1"
    assert environment["PYTHONIOENCODING"] == "iso8859-1"


def test_an_output_encoding_that_was_asked_for_stays(started, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252:ignore")
    restart_in_utf8_mode()

    assert started[0][2]["PYTHONIOENCODING"] == "cp1252:ignore"


def test_the_c_locale_is_taken_for_utf8(started, monkeypatch):
    monkeypatch.setattr(sys, "stdout", _Stream("ANSI_X3.4-1968"))
    restart_in_utf8_mode()

    assert "PYTHONIOENCODING" not in started[0][2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("getfilesystemencoding", lambda: "utf-8"),
        ("_xoptions", {"utf8": "0"}),
        ("frozen", True),
        ("executable", ""),
    ],
)
def test_the_command_starts_once_and_only_where_it_can(started, monkeypatch, name, value):
    monkeypatch.setattr(sys, name, value, raising=False)
    restart_in_utf8_mode()

    assert started == []


def test_a_command_that_cannot_be_started_again_goes_on(started, monkeypatch):
    def fail(*_):
        raise OSError

    monkeypatch.setattr("os.execve", fail)
    restart_in_utf8_mode()


def test_words_that_are_no_utf8_are_read_as_the_locale_has_them(monkeypatch):
    monkeypatch.setattr(locale, "getencoding", lambda: "iso8859-1")

    assert typed_text("K\udce4fer") == "Käfer"
    assert typed_text("Käfer") == "Käfer"


def test_words_that_are_neither_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(locale, "getencoding", lambda: "utf-8")

    assert typed_text("K\udce4fer") == "K\udce4fer"
    assert typed_text("\ud800\udce4") == "\ud800\udce4"
