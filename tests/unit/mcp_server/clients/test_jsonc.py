"""JSON with comments, in which an entry is put without touching anything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.mcp_server.clients import jsonc
from docsearch_cli.mcp_server.clients.jsonc import JsoncError, parse, put

ENTRY = {"command": "x", "args": ["mcp"]}
SETTINGS = """\
// settings of somebody
{
    "theme": "dark", // at night
    /* servers
       follow */
    "mcpServers": {
        "other": {"command": "a // no comment", "args": [1, 2,],},
        // "old": {}
    },
    "last": [true, null, -1.5e3]
    // the end
}
"""


def test_comments_order_and_commas_stay():
    put_in = put(SETTINGS, ("mcpServers", "docsearch"), ENTRY)

    assert put_in == SETTINGS.replace(
        """\
        // "old": {}
""",
        """\
        // "old": {}
        "docsearch": {
            "command": "x",
            "args": [
                "mcp"
            ]
        },
""",
    )


def test_what_is_missing_on_the_way_is_made():
    assert put("", ("mcp", "servers", "x"), {"a": "b"}) == (
        '{\n  "mcp": {\n    "servers": {\n      "x": {\n        "a": "b"\n      }\n    }\n  }\n}\n'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{\n  "k": {\n    "a": 1\n  }\n}'),
        ("{ }\n", '{\n  "k": {\n    "a": 1\n  }\n}\n'),
        ('{"b": 2}', '{"b": 2,\n  "k": {\n    "a": 1\n  }\n}'),
        ('{\n\t"b": 2\n}', '{\n\t"b": 2,\n\t"k": {\n\t\t"a": 1\n\t}\n}'),
        ('{\r\n  "b": 2\r\n}', '{\r\n  "b": 2,\r\n  "k": {\r\n    "a": 1\r\n  }\r\n}'),
        ("{ // c\n}", '{ // c\n  "k": {\n    "a": 1\n  }\n}'),
        ('{"b": 2 /* c */}', '{"b": 2, /* c */\n  "k": {\n    "a": 1\n  }\n}'),
        ('{"b": 2, // c\n}', '{"b": 2, // c\n  "k": {\n    "a": 1\n  },\n}'),
    ],
)
def test_layouts(text, expected):
    assert put(text, ("k",), {"a": 1}) == expected


def test_an_entry_that_is_there_keeps_what_is_beside():
    text = '{"s": {"x": {"command": "old", "env": {"K": "v"}, /* mine */ "off": true}}}'
    again = put(text, ("s", "x"), ENTRY)

    assert again.startswith(
        '{"s": {"x": {"command": "x", "env": {"K": "v"}, /* mine */ "off": true,'
    )
    assert parse(again).data["s"]["x"] == {**ENTRY, "env": {"K": "v"}, "off": True}
    assert put(again, ("s", "x"), ENTRY) == again


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "1", '{"k": []}', '{"k": 1}', "{", '{"a" 1}', '{"a": 1 "b": 2}', "{a: 1}", "{} x"),
        *(
            "{/* }",
            '{"a": tru}',
            '{"a": 01}',
            "{,}",
            '{"a": "\n"}',
            "\x00",
            '{"a":' * 500,
            "[" * 9999,
        ),
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(JsoncError):
        put(text, ("k", "x"), ENTRY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    data=st.dictionaries(st.text(max_size=3), JSON, max_size=4),
    indent=st.sampled_from([None, 1, 2, 4, "\t"]),
    keys=st.lists(st.sampled_from(["", "a", "b", "k"]), min_size=1, max_size=3),
)
def test_whatever_was_there_is_there_after(data, indent, keys):
    text = json.dumps(data, indent=indent)
    try:
        after = put(text, tuple(keys), ENTRY)
    except JsoncError:
        return  # something else than an object is in the way
    found, before = parse(after).data, data
    for key in keys:
        assert {name: value for name, value in found.items() if name != key} == {
            name: value for name, value in before.items() if name != key
        }
        found, before = found[key], before.get(key, {})

    assert found == {**before, **ENTRY}
    assert json.loads(after)


@pytest.mark.parametrize(("before", "around"), [(1, ("[", "]")), (2, ('{"a": [', "]}"))])
def test_more_values_than_anybody_configures_are_refused(monkeypatch, before, around):
    monkeypatch.setattr(jsonc, "_MOST_VALUES", 9)
    inside = 9 - before
    parse(",".join("1" * inside).join(around))

    with pytest.raises(JsoncError, match="more than 9 values in line 1"):
        parse(",".join("1" * (inside + 1)).join(around))
