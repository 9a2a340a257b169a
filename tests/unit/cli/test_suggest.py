"""What is suggested for a line that cannot be read can be read, whatever the line was."""

import shlex

import typer.main
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.cli import suggest
from docsearch_cli.cli.app import build_app
from docsearch_cli.cli.suggest import suggest_line
from tests.support import usual_or_soak

ROOT = typer.main.get_command(build_app())
WORDS = st.sampled_from(
    [
        *("ask", "serch", "find", "runs", "list", "lst", "help", "graph", "index", "show", "fork"),
        *("--at", "--depth", "3", "--agents", "--max-agents=2", "--bogus", "-x", "-", "--"),
        *("--json", "--help", "what is it?", "a", "$HOME `x`", "it's", "\n", "", "é", "config"),
        *("set", "--set", "replay", "--version", "-h", "-n5", "-1", "--index", ".", "cache"),
        *("\0", "=", "--=", "completion"),
    ]
)


def read(line):
    """Read a line as the command does; whatever cannot be read raises."""
    words = shlex.split(line)
    assert words[0] == "docsearch"
    command, rest = ROOT, words[1:]
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    if not {"--help", "--version", "-h"} & set(rest):
        assert not hasattr(command, "commands") or not command.commands
        command.make_context("docsearch", rest)
    elif "--help" in rest:
        assert rest == ["--help"]


@settings(max_examples=usual_or_soak(75, 300), deadline=None)
@given(words=st.lists(WORDS, max_size=6))
def test_every_suggestion_can_be_read(words):
    read(suggest_line(words, ROOT))


def test_what_is_meant_exists():
    for path in suggest._MEANT.values():
        if path != ("--version",):
            assert not hasattr(suggest._find(ROOT, path), "commands"), path
            assert suggest._find(ROOT, path) is not ROOT
    options = {
        name for line in ROOT.commands.values() for item in line.params for name in item.opts
    }
    assert set(suggest._MEANT_OPTIONS.values()) <= options


def test_no_word_that_is_meant_hides_a_command():
    assert not {path[0] for path in suggest._MEANT if len(path) == 1} & set(ROOT.commands)


def test_a_line_of_many_wrong_options_is_not_tried_for_ever():
    words = ["ask", "x", *(["--max"] * 40)]

    assert suggest_line(words, ROOT) == "docsearch ask --help"


def test_an_option_that_is_nothing_like_what_was_typed_is_not_suggested():
    assert suggest_line(["graph", "stats", "--kinds", "link"], ROOT) == (
        "docsearch graph stats --help"
    )
    assert suggest_line(["graph", "stats", "--indx", "x"], ROOT) == (
        "docsearch graph stats --index x"
    )


def test_a_word_that_is_nothing_like_a_command_is_asked_for():
    assert suggest_line(["related", "x"], ROOT) == 'docsearch ask "related x"'
    assert suggest_line(["indx"], ROOT).startswith("docsearch index")
