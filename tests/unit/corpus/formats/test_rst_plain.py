from docsearch_cli.corpus.formats.rst_plain import rst_blocks


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in rst_blocks(text)]


def test_a_line_above_what_is_set_in_deeper_is_a_term() -> None:
    text = (
        "``unpark NAME``\n    Returns it.\n    Needs a role.\n"
        "``flush``\n    Sends.\n\nText\nof two.\n"
    )

    assert kinds(text) == [
        ("term", "``unpark NAME``"),
        ("text", "Returns it.\n    Needs a role."),
        ("term", "``flush``"),
        ("text", "Sends."),
        ("text", "Text\nof two."),
    ]


def test_what_is_set_in_below_a_blank_line_or_an_item_makes_no_term() -> None:
    text = (
        "A line.\n\n    A quote.\n\n- an item\n  goes on\n\n"
        "Two lines\nbefore\n    what is set in.\n"
    )

    assert "term" not in [kind for kind, _ in kinds(text)]
