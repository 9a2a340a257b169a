from docsearch_cli.mcp_server.schemas import slim_schema


def test_titles_and_nulls_go_and_names_stay():
    schema = {
        "title": "Arguments",
        "description": "A class.",
        "type": "object",
        "properties": {
            "title": {"title": "Title", "type": "string", "description": "of the page"},
            "since": {
                "anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}],
                "default": None,
                "title": "Since",
            },
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}], "default": None},
        },
        "$defs": {"Row": {"title": "Row", "description": "A class.", "type": "object"}},
    }
    before = repr(schema)

    assert slim_schema(schema) == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "of the page"},
            "since": {"type": "string", "maxLength": 10},
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}], "default": None},
        },
        "$defs": {"Row": {"type": "object"}},
    }
    assert repr(schema) == before
