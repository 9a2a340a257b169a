"""Lines on stdin: which are messages, and what the others are answered."""

import json

import pytest

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
DEEP = "[" * 900 + "]" * 900


def answered(line):
    """Return the id, the code and the words that a line is answered; None for a message."""
    from docsearch_cli.mcp_server.stdio_lines import fault_of

    error = fault_of(line if isinstance(line, str) else json.dumps(line))
    if error is None:
        return None
    return error.id, error.error.code, error.error.message


@pytest.mark.parametrize(
    "message",
    [
        PING,
        {**PING, "id": "text"},
        {**PING, "id": -1},
        {**PING, "id": ""},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "result": {}},
        {"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": "x"}},
    ],
)
def test_a_message_is_left_to_the_server(message):
    assert answered(message) is None


@pytest.mark.parametrize("name", [1.5, 1.0, None, True, [1], {"a": 1}])
def test_an_id_that_no_reply_can_name_is_answered(name):
    assert answered({**PING, "id": name}) == (
        None,
        -32600,
        "the id is neither text nor a whole number",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": {"a": "\\ud800"}}', "surrogate"),
        (
            f'{{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": {{"a": {DEEP}}}}}',
            "nested too deep",
        ),
    ],
)
def test_what_the_server_cannot_read_is_answered_with_its_id(line, said):
    name, code, words = answered(line)

    assert (name, code) == (7, -32700)
    assert said in words


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ({**PING, "method": 7}, 1),
        ({**PING, "params": 7}, 1),
        ({**PING, "jsonrpc": "1.0"}, 1),
        ({"id": "x", "method": "ping"}, "x"),
        ({"jsonrpc": "2.0", "id": 3}, 3),
        ({"jsonrpc": "2.0", "id": 3.5}, None),
        ({"jsonrpc": "2.0", "id": 3, "result": 7}, None),  # names a request of our own
        ({"jsonrpc": "2.0", "id": 3, "error": 7}, None),
        ({"id": 3, "method": "ping", "result": 7}, 3),
        ([PING], None),
        ("{}", None),
        ("null", None),
        ("3", None),
    ],
)
def test_json_that_is_no_message_is_answered_with_its_id(line, name):
    assert answered(line) == (name, -32600, "this line is no message of JSON-RPC 2.0")


@pytest.mark.parametrize(
    "line", ["", "\n", "no json", '{"jsonrpc": "2.0", "id": 1, "method": "ping"', "[" * 100_000]
)
def test_what_is_no_json_has_no_id(line):
    assert answered(line) == (None, -32700, "this line is no JSON")


def test_an_id_of_half_a_surrogate_pair_cannot_be_written():
    name, code, words = answered('{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}')

    assert (name, code) == (None, -32700)
    assert "surrogate" in words
