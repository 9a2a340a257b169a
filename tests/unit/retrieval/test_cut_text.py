from docsearch_cli.retrieval.cut_text import cut_text


def test_a_section_is_cut_with_its_words_and_what_its_sentences_stand_under():
    cut = cut_text("---\ntitle: Mill\n---\nWhat turns:\n\n- the wheel\n", "markdown", "english")

    assert [unit.plain for unit in cut.units] == ["Mill", "What turns:", "the wheel"]
    assert [list(tokens) for tokens in cut.tokens] == [["mill"], ["turn"], ["wheel"]]
    assert cut.under == ([], [], [1])
    assert not cut.is_all_text


def test_a_section_is_cut_once():
    assert cut_text("One.", "text", "english") is cut_text("One.", "text", "english")
