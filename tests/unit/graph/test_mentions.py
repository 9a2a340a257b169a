import math
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.graph.mentions import SourceText, find_mentions, weigh_mentions
from docsearch_cli.graph.titles import NameFinder, locate, name_table, name_words, names_of


@dataclass(frozen=True)
class Weighed:
    source: int
    target: int
    line: int
    text: str
    weight: float


def mentions(titles, texts):
    """Let the text of document ``n`` be ``texts[n]``; gives (source, target) pairs."""
    return [(found.source, found.target) for found in details(titles, texts)]


def details(titles, texts):
    return weighed(titles, [SourceText(row, text, text, 1) for row, text in enumerate(texts)])


def weighed(titles, texts):
    """Return the mentions that lead somewhere in particular."""
    finder = NameFinder(name_table(titles))
    found = [mention for text in texts for mention in find_mentions(finder, text.node, [text])]
    weights = weigh_mentions(
        np.array([mention.source for mention in found], np.int32),
        np.array([mention.target for mention in found], np.int32),
        np.array([mention.is_name for mention in found], np.bool_),
        len(titles),
    )
    return [
        Weighed(mention.source, mention.target, mention.line, mention.text, float(weight))
        for mention, weight in zip(found, weights, strict=True)
        if weight >= 0
    ]


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
    (found,) = weighed([("Home",), ("Dead Letters",)], [SourceText(0, text, text, 40)])

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


@pytest.mark.parametrize(
    ("title", "carried_by"),
    [
        ("[Blue] Mill", ["Blue] Mill"]),
        ("Blue (Mill", ["Blue (Mill"]),
        ("Blue.*Mill", ["Blue.*Mill"]),
        ("[slug]", []),  # one small word may be a word
        ("+++", []),
        ("", []),
    ],
)
def test_a_title_with_special_characters_is_no_pattern(title, carried_by):
    found = details([("Home",), (title,)], [f"Not Blue xx Mill, about {title} and slug, x  y", ""])

    assert [mention.text for mention in found] == carried_by


def test_a_title_is_also_known_without_its_closing_parenthesis():
    assert names_of("Hop (networking)", ["Skip"]) == ("Hop (networking)", "Hop", "Skip")


def test_blank_aliases_are_no_names():
    assert names_of("Home", ["", "  ", "Home"]) == ("Home",)


def test_name_words_ignore_case_and_punctuation():
    assert name_words("FW-2104: Buffer full!") == ("fw", "2104", "buffer", "full")


def test_a_mention_in_a_pdf_stands_on_its_page():
    text = "one\ntwo\nthe Blue Mill burned"
    (found,) = weighed([("Home",), ("Blue Mill",)], [SourceText(0, text, text, 3, paged=True)])

    assert found.line == 3


def test_a_later_part_of_a_document_does_not_mention_it():
    finder = NameFinder(name_table([("Blue Mill",), ("Home",)]))

    assert find_mentions(finder, 0, [SourceText(3, "the Blue Mill", "the Blue Mill", 1)]) == []


def test_a_name_is_located_as_a_whole_word():
    assert locate(("art", "work"), "Start work.\n\nThe *Art* _Work_.") == (2, "Art* _Work")


@pytest.mark.parametrize(
    ("words", "text", "spelled"),
    [
        (("hop", "networking"), "See Hop (networking), or not.", "Hop (networking)"),
        (("hop", "networking"), "See Hop (*networking*) (again).", "Hop (*networking*)"),
        (("api", "v", "2"), "The API [v (2)].", "API [v (2)]"),
        (("inc", "co"), "Inc. (Co.) is it", "Inc. (Co.)"),
        (("hop", "networking"), "(a hop networking) link", "hop networking"),
        (("hop", "networking"), "hop (networking of words)", "hop (networking"),
    ],
)
def test_a_name_is_located_with_the_brackets_that_it_opens(words, text, spelled):
    assert locate(words, text) == (0, spelled)


@given(st.text("aB. _*\n", max_size=30), st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1))
def test_a_name_is_located_as_a_pattern_would(text, words):
    pattern = r"[\W_]+".join(words)
    match = re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", text, re.IGNORECASE)
    found = locate(tuple(words), text)

    assert (found is None) == (match is None)
    if match is not None:
        assert found == (text.count("\n", 0, match.start()), " ".join(match.group().split()))


def weights_of(*mentions, documents=10):
    """Weigh (source, target, is_name) rows."""
    sources, targets, is_name = zip(*mentions, strict=True)
    found = weigh_mentions(
        np.array(sources, np.int32), np.array(targets, np.int32), np.array(is_name), documents
    )
    return found.tolist()


def test_one_mention_of_one_name_weighs_all_and_a_phrase_a_fifth():
    assert weights_of((0, 1, True)) == [1.0]
    assert weights_of((0, 1, False)) == [0.2]


def test_a_weight_falls_with_the_number_of_pages_that_use_the_name():
    pages = weights_of(*((page, 9, True) for page in range(7)))

    assert pages == pytest.approx([1 - math.log(7) / math.log(51)] * 7)


def test_a_weight_falls_with_the_root_of_the_names_on_the_page():
    assert weights_of(*((0, target, True) for target in range(1, 5))) == [0.5] * 4
    assert weights_of((0, 1, True), (0, 2, False)) == pytest.approx(
        [1 / math.sqrt(1.2), 0.2 / math.sqrt(1.2)]
    )


@pytest.mark.parametrize(
    ("documents", "pages", "leads"),
    [(10, 50, True), (10, 51, False), (6_000, 60, True), (6_000, 61, False)],
)
def test_a_name_that_more_than_fifty_pages_or_one_in_a_hundred_use_leads_nowhere(
    documents, pages, leads
):
    found = weights_of(*((page, 99, True) for page in range(pages)), documents=documents)

    assert {weight >= 0 for weight in found} == {leads}
    assert leads or set(found) == {-1.0}


def test_a_name_that_leads_nowhere_takes_nothing_from_the_others_of_its_page():
    common = [(page, 99, True) for page in range(1, 52)]

    assert weights_of((0, 1, True), (0, 99, True), *common)[0] == 1.0


def test_a_phrase_gives_way_to_a_name_of_the_same_page_and_a_name_to_nothing():
    titles = [("Home",), ("Creating Tables",)]
    sections = [
        SourceText(0, "by creating tables", "by creating tables", 1),
        SourceText(0, "see Creating Tables", "see Creating Tables", 10),
        SourceText(0, "and Creating Tables", "and Creating Tables", 20),
    ]
    (found,) = find_mentions(NameFinder(name_table(titles)), 0, sections)

    assert (found.is_name, found.line, found.text) == (True, 10, "Creating Tables")


def test_a_name_that_is_only_readable_stands_where_its_section_begins():
    (found,) = weighed(
        [("Home",), ("Dead Letters",)], [SourceText(0, "the Dead Letters", "the D&#101;ad", 7)]
    )

    assert (found.line, found.text) == (7, "dead letters")


@pytest.mark.parametrize(
    ("title", "names_it"),
    [
        (" ".join(f"word{n}" for n in range(10)), True),
        (" ".join(f"word{n}" for n in range(11)), False),
        ("Go", False),  # too short for a single word
        ("Gin", True),
        ("The Oven", True),
        ("the oven", False),  # one word that matters, and spelled as any word
        ("To Go", True),
        ("12 34", False),
        ("Route 12", True),
    ],
)
def test_which_titles_are_searched_for(title, names_it):
    assert bool(name_table([(title,)])) == names_it


@pytest.mark.parametrize(("sharing", "found"), [(3, 3), (4, 0)])
def test_a_title_stands_for_at_most_three_documents(sharing, found):
    titles = [("Home",), *[("Release Notes",)] * sharing]

    assert len(mentions(titles, ["The Release Notes.", *[""] * sharing])) == found


def test_names_that_begin_alike_or_follow_each_other_are_found():
    titles = [("Home",), ("Blue Mill",), ("Blue Mill Lane",), ("Lane House",)]

    assert mentions(titles, ["Blue Mill Lane House", "", "", ""]) == [(0, 2)]
    assert mentions(titles, ["Blue Mill and Lane House", "", "", ""]) == [(0, 1), (0, 3)]
    assert mentions(titles, ["Blue Mill Blue Mill Lane", "", "", ""]) == [(0, 1), (0, 2)]
    assert mentions(titles, ["at last a Blue Mill", "", "", ""]) == [(0, 1)]
    assert mentions(titles, ["at last a Blue", "", "", ""]) == []
