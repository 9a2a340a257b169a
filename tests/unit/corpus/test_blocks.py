import pytest

from docsearch_cli.corpus.blocks import Line, gather_blocks, text_blocks


@pytest.mark.parametrize(
    ("kinds", "blocks"),
    [
        ("text text", [("a\nb", True)]),
        ("text item", [("a", True), ("b", True)]),
        ("item text", [("a\nb", True)]),
        ("text row", [("a", True), ("b", False)]),
        ("row text", [("a", False), ("b", True)]),
        ("text gap", [("a", True)]),
        ("gap gap", []),
    ],
)
def test_a_block_ends_where_a_line_of_another_kind_says_so(kinds, blocks):
    first, second = kinds.split()
    found = gather_blocks("a\nb", [Line(0, 1, first), Line(2, 3, second)])

    assert [("a\nb"[block.start : block.end], block.is_prose) for block in found] == blocks


def test_blank_lines_part_the_paragraphs_of_plain_text():
    text = " a\nb\n \nc"

    assert [text[block.start : block.end] for block in text_blocks(text)] == ["a\nb", "c"]
