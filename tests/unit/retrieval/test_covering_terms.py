"""Every text that holds a word has one of the tokens that ``covering_terms`` names for it."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from docsearch_cli.retrieval.covering_terms import covering_terms
from docsearch_cli.retrieval.languages import LANGUAGES, NO_LANGUAGE, stop_words
from docsearch_cli.retrieval.tokens import tokenize

WORDS = (
    "server", "HTTPServer", "maxBatchEvents", "iPhone", "BUFFER", "the", "aS", "snake_case",
    "__init__", "E1234", "v2", "007", "Straße", "straẞe", "café", "cafe\u0301", "CAFÉ12",
    "İstanbul", "ısı",
    "Ελλάδα", "ΟΔΟΣ", "ёлка", "за\u0301мок", "ДОМ", "كَتَبَ", "أحمد", "ـ", "שָׁלוֹם", "हिन्दी",
    "क़लम", "தமிழ்", "ภาษาไทย", "ก", "ພາສາ", "ភាសាខ្មែរ", "မြန်မာ", "中文", "水", "人々", "カタカナ",
    "か", "한국어", "ᄒ", "ＡＰＩ", "x\u030cy", "１２", "٢٠٢٤", "ǅ", "ﬁn", "ᾳ", "Å", "\u0345", "ſ",
)  # fmt: skip
JOINTS = (
    "",
    "",
    " ",
    "_",
    "-",
    ".",
    "/",
    "\u00ad",
    "\u200c",
    "\u200b",
    "\u030c",
    "\ufe0f",
    "\ud800",
    "🚀",
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(JOINTS),
        st.sampled_from(WORDS).map(str.upper),
        st.text(max_size=4),
    ),
    max_size=8,
).map("".join)
SOME_LANGUAGES = st.sampled_from(
    (
        "english",
        "german",
        "french",
        "turkish",
        "russian",
        "serbian",
        "hindi",
        "persian",
        NO_LANGUAGE,
    )
)


def has_to_be_found(word, language):
    """Tell a word that is searched for: with a letter, and no stop word in any language."""
    bare = word.casefold().strip("_")
    return any(character.isalpha() for character in bare) and not any(
        bare in stop_words(name) for name in LANGUAGES
    )


@settings(max_examples=1000)
@given(TEXTS, SOME_LANGUAGES, st.sampled_from((str, str.upper, str.lower, str.casefold, str.title)))
@example("q\u030cé水", "english", str)
@example("co\u00adoperate", "english", str)
@example("Straße\u030dx", "german", str)
@example("a\u0345", "english", str)
@example("e\u200d\u0301", "english", str)
def test_a_text_that_holds_a_word_has_a_term_that_covers_it(text, language, change):
    tokens = set(tokenize(text, language))

    for run in re.findall(r"\w+", unicodedata.normalize("NFKC", text)):
        if change(run).casefold() != run.casefold() or not has_to_be_found(run, language):
            continue
        terms = covering_terms(
            change(run), language, lambda part: [token for token in tokens if part in token]
        )
        assert terms & tokens, (run, terms, tokens)


def covering(word, *terms, language="english"):
    """The tokens for a word in an index with some terms."""
    return covering_terms(word, language, lambda part: [term for term in terms if part in term])


@pytest.mark.parametrize(
    ("word", "tokens"),
    [
        ("Retries", {"retri"}),
        ("snake_case", {"snake_case"}),
        ("__init__", {"init"}),
        ("the", set()),
        ("__", set()),
        ("한국어", {"한국"}),
        ("カタ", {"カタ"}),
        ("水", {"水"}),
        ("x水", {"水"}),
    ],
)
def test_a_word_is_covered_by_as_few_tokens_as_possible(word, tokens):
    assert covering(word, "other") == tokens


def test_a_letter_that_is_no_word_is_covered_by_the_bigrams_with_it():
    assert covering("か", "か", "かな", "なか", "xかy", "かなか", "水") == {"か", "かな", "なか"}


def test_a_word_with_accents_is_also_covered_by_spellings_with_marks_around_it():
    found = covering("café", "=café\u030c", "café", "cafés.de")

    assert found == {"cafe", "=café\u030c"}
