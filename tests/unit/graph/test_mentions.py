import unicodedata

import pytest

from docsearch_cli.graph.mentions import (
    NamedNode,
    SourceText,
    find_mentions,
    name_words,
    names_of,
)


def mentions(titles, texts):
    """Let the text of node ``n`` be ``texts[n]``; gives (source, target) pairs."""
    return [(found.source, found.target) for found in details(titles, texts)]


def details(titles, texts):
    named = [NamedNode(row, names) for row, names in enumerate(titles)]
    return find_mentions(named, [SourceText(row, text, text, 1) for row, text in enumerate(texts)])


def test_a_text_that_names_a_title_mentions_it():
    assert mentions([("Home",), ("Copy Snapshots",)], ["See Copy Snapshots.", ""]) == [(0, 1)]


def test_an_alias_is_a_name():
    assert mentions([("Home",), ("Greta Nymoen", "Gretl")], ["Ask Gretl.", ""]) == [(0, 1)]


def test_a_document_does_not_mention_itself():
    assert mentions([("Copy Snapshots",)], ["Copy Snapshots"]) == []


def test_a_pair_is_reported_once():
    assert mentions([("Home",), ("Dead Letters",)], ["Dead Letters. Dead Letters.", ""]) == [(0, 1)]


def test_the_longest_title_wins():
    titles = [("Home",), ("Dead Letters",), ("Dead Letters Queue",)]

    assert mentions(titles, ["The Dead Letters Queue.", "", ""]) == [(0, 2)]


def test_a_part_of_a_word_is_no_mention():
    assert mentions([("Home",), ("Oven",)], ["The Ovenette is wovenOven", ""]) == []


def test_a_single_everyday_word_needs_its_spelling():
    titles = [("Home",), ("Oven",)]

    assert mentions(titles, ["an oven", ""]) == []
    assert mentions(titles, ["the Oven", ""]) == [(0, 1)]


def test_a_title_of_stop_words_names_nothing():
    assert mentions([("Home",), ("About This",)], ["All about this.", ""]) == []


def test_a_number_names_nothing():
    assert mentions([("Home",), ("2025",)], ["In 2025.", ""]) == []


def test_a_title_that_many_share_names_nothing():
    titles = [("Home",), *[("Release Notes",)] * 4]

    assert mentions(titles, ["The Release Notes.", "", "", "", ""]) == []


def test_a_title_that_most_of_the_corpus_names_leads_nowhere():
    titles = [(f"Page Number{n} Extra",) for n in range(60)] + [("Great Product",)]
    texts = ["The Great Product."] * 60 + [""]

    assert mentions(titles, texts) == []


def test_a_rarely_named_title_weighs_more():
    titles = [("Home",), ("Other Page",), ("Dead Letters",), ("Copy Snapshots",)]
    texts = ["Dead Letters and Copy Snapshots", "Dead Letters", "", ""]
    weight = {(m.source, m.target): m.weight for m in details(titles, texts)}

    assert weight[0, 3] > weight[0, 2] > 0


def test_a_title_in_running_text_weighs_less_than_a_name():
    titles = [("Home",), ("Other Page",), ("Creating Tables",)]
    as_phrase, as_name = details(titles, ["when creating tables", "see Creating Tables", ""])

    assert as_phrase.weight < as_name.weight


def test_a_page_that_names_many_documents_says_less_of_each():
    titles = [("Home",), ("Hub",), ("Copy Snapshots",), ("Dead Letters",), ("Spill Files",)]
    found = details(
        titles, ["See Copy Snapshots.", "Copy Snapshots, Dead Letters, Spill Files.", "", "", ""]
    )
    weight_of = {(mention.source, mention.target): mention.weight for mention in found}

    assert weight_of[0, 2] > weight_of[1, 2] > 0


def test_the_line_of_a_mention_is_the_files():
    text = "one\n\nsee Dead Letters\n"
    named = [NamedNode(0, ("Home",)), NamedNode(1, ("Dead Letters",))]
    (found,) = find_mentions(named, [SourceText(0, text, text, 40)])

    assert (found.line, found.text) == (42, "Dead Letters")


def test_a_name_broken_over_lines_is_found():
    (found,) = details([("Home",), ("Dead Letters",)], ["see Dead\nLetters", ""])

    assert (found.line, found.text) == (1, "Dead Letters")


def test_both_spellings_of_an_accent_are_one_name():
    text = unicodedata.normalize("NFD", "Das Phénomène Noir")

    assert mentions([("Home",), ("Phénomène Noir",)], [text, ""]) == [(0, 1)]


def test_mentions_are_sorted_by_source_and_target():
    titles = [("Zeta Page",), ("Alpha Page",), ("Beta Page",)]
    found = mentions(titles, ["Beta Page, Alpha Page", "Zeta Page", ""])

    assert found == [(0, 1), (0, 2), (1, 0)]


@pytest.mark.parametrize("title", ["[slug]", "use [/items]", "a (b", "C++", "x.*y", ""])
def test_a_title_with_special_characters_is_no_pattern(title):
    details([("Home",), (title,)], [f"about {title} and x  y", ""])


def test_a_title_is_also_known_without_its_closing_parenthesis():
    assert names_of("Hop (networking)", ["Skip"]) == ("Hop (networking)", "Hop", "Skip")


def test_blank_aliases_are_no_names():
    assert names_of("Home", ["", "  ", "Home"]) == ("Home",)


def test_name_words_ignore_case_and_punctuation():
    assert name_words("FW-2104: Buffer full!") == ("fw", "2104", "buffer", "full")


def test_a_mention_in_a_pdf_stands_on_its_page():
    named = [NamedNode(1, ("Blue Mill",))]
    text = "one\ntwo\nthe Blue Mill burned"
    (found,) = find_mentions(named, [SourceText(0, text, text, 3, paged=True)])

    assert found.line == 3
