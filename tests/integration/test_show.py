import pytest


def test_lines_are_printed_with_their_place(inline, index_of):
    index_of({"a/oven.md": "# Oven\n\nIt is [hot].\n"})
    ended = inline("show", "docs/a/oven.md:3")

    assert ended.stdout.splitlines() == ["docs/a/oven.md:3  Oven", "3  It is [hot]."]


def test_what_a_quote_names_can_be_shown(inline, fenwick):
    (quote, *_) = inline("ask", "what is the buffer limit", "--simple", "--json").data["evidence"]
    place = f"{quote['path']}:{quote['line_start']}-{quote['line_end']}"
    data = inline("show", place, "--json").data

    shown = "\n".join(line["text"] for line in data["lines"])
    assert quote["quote"] in shown
    assert data["headings"][-1] == quote["heading"]
    assert data["changed"] is False


def test_a_changed_file_is_said_to_be(inline, index_of):
    folder = index_of({"oven.md": "# Oven\n\nIt is hot.\n"})
    (folder / "docs" / "oven.md").write_text("# Oven\n\nIt is cold.\n")
    ended = inline("show", "oven.md")

    assert "It is hot." in ended.stdout
    assert "has changed since it was indexed" in ended.stderr


def test_control_characters_are_shown_not_sent(inline, index_of):
    index_of({"oven.md": "# Oven\n\nIt is \x1b[31mred\x1b[0m.\n"})

    assert "\x1b" not in inline("show", "oven.md").stdout


@pytest.mark.parametrize(
    ("place", "code"), [("nope.md", 3), ("oven.md:77", 3), ("oven.md:0", 3), ("oven.md:9-2", 3)]
)
def test_what_is_not_there_is_an_error_in_words(inline, index_of, place, code):
    index_of({"oven.md": "# Oven\n\nIt is hot.\n"})
    ended = inline("show", place)

    assert ended.code == code
    assert "docsearch: " in ended.stderr
