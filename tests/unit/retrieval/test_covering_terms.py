"""Every text that holds a word has one of the tokens that ``covering_terms`` names for it."""

import re
import unicodedata

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
