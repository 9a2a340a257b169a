from docsearch_cli.runs.differences import find_differences


def test_differences_name_the_field():
    found = find_differences({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}], "d": 1})

    assert [(item.field, item.recorded, item.now) for item in found] == [
        ("a.1.b", 2, 3),
        ("c", 1, None),
        ("d", None, 1),
    ]


def test_lists_of_other_lengths_differ_as_a_whole():
    assert [item.field for item in find_differences({"a": [1]}, {"a": [1, 2]})] == ["a"]
