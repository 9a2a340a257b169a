"""A table in a TOML file, put there without touching anything else."""

import tomllib

import pytest

from docsearch_cli.mcp_server.clients.toml_table import TomlTableError, put

KEYS = ("mcp_servers", "docsearch")
ENTRY = {"command": '/a b/"x"', "args": ["mcp", "--index", "C:\\notes\u00fc"]}


def test_a_table_is_added_at_the_end():
    text = "# mine\nmodel = 'o'  # best\n\n[mcp_servers.other]\ncommand = \"a\"\n"
    after = put(text, KEYS, ENTRY)

    assert after.startswith(text + "\n[mcp_servers.docsearch]\n")
    assert tomllib.loads(after)["mcp_servers"]["docsearch"] == ENTRY


@pytest.mark.parametrize("text", ["", "a = 1", "a = 1\n", "a = 1\r\n"])
def test_any_end_of_the_file_will_do(text):
    after = put(text, KEYS, ENTRY)

    assert after.startswith(text)
    assert tomllib.loads(after)["mcp_servers"]["docsearch"] == ENTRY
    assert ("\r\n" in text) == (after.count("\r\n") == after.count("\n"))


def test_a_table_that_is_there_keeps_what_is_beside():
    text = (
        "[mcp_servers.docsearch]\nenabled = false  # mine\ncommand = 'old'\n"
        "[mcp_servers.docsearch.env]\nKEY = 'v'\n\n[z]\ncommand = 'z'\n"
    )
    after = put(text, KEYS, ENTRY)

    assert tomllib.loads(after) == {
        "mcp_servers": {"docsearch": {**ENTRY, "enabled": False, "env": {"KEY": "v"}}},
        "z": {"command": "z"},
    }
    assert "enabled = false  # mine" in after
    assert put(after, KEYS, ENTRY) == after


@pytest.mark.parametrize(
    "text", ["a = ", "[mcp_servers", "mcp_servers = { docsearch = { a = 1 } }"]
)
def test_what_cannot_be_edited_is_refused(text):
    with pytest.raises(TomlTableError):
        put(text, KEYS, ENTRY)
