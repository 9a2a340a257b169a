"""A question in the words of a document finds it, in any language and any usual spelling."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.retrieval.tokens import asked_tokens, spelled, spellings, tokenize


def missing(document, question, language):
    """Return the words of a question that a document does not hold."""
    held = set(tokenize(document, language))
    asked = asked_tokens(question, language, held.__contains__)
    assert asked
    words = spellings(question, language)
    return spelled([token for token in asked if token not in held], words)


@pytest.mark.parametrize(
    ("language", "document", "question"),
    [
        ("english", "The retries are logged", "which retry is logged?"),
        ("english", "We met at the café", "cafe"),
        ("english", "We met at the cafe", "café"),
        ("english", "his résumé", "RESUME"),
        ("english", "thé vert", "thé"),
        ("german", "Die Straßen der Städte", "Welche Straße, welche Stadt?"),
        ("german", "Herr Müller", "Mueller"),
        ("german", "Herr Müller", "MULLER"),
        ("german", "STRASSE", "straße"),
        ("french", "les préférées de l'été", "préférer l'été"),
        ("french", "les préférées", "preferees"),
        ("spanish", "las canciones más antiguas", "¿Qué canción antigua?"),
        ("spanish", "la canción", "cancion"),
        ("portuguese", "as configurações do servidor", "configuração"),
        ("italian", "la città e le università", "università della citta"),
        ("swedish", "bilarna i staden", "bilarna"),
        ("finnish", "talossa on huoneita", "talossa"),
        ("polish", "książki w łóżku", "ksiazki lozku"),
        ("turkish", "İSTANBUL ışıkları", "istanbul isiklari"),
        ("turkish", "kitaplar", "kitap"),
        ("none", "tiếng Việt", "tiếng việt"),
        ("none", "tiếng Việt", "tieng viet"),
        ("english", "Новые дома за́мков", "новый дом, замков"),
        ("english", "ёлка", "елка"),
        ("english", "Οι άνθρωποι", "άνθρωπος"),
        ("english", "ΟΔΟΣ", "οδός"),
        ("english", "كَتَبَ الطالبُ كتـابًا", "كتب كتابا"),
        ("english", "أحمد إلى آخر", "احمد اخر"),
        ("persian", "می\u200cخواهم", "میخواهم"),
        ("persian", "می\u200cخواهم", "خواهم"),
        ("english", "שָׁלוֹם", "שלום"),
        ("english", "लड़कियों की किताबें", "किताब"),
        ("english", "नमस्ते", "नमस्ते"),
        ("english", "தமிழ் மொழி", "தமிழ்"),
        ("english", "ภาษาไทยเป็นภาษาราชการ", "ภาษาราชการ"),
        ("english", "พ.ศ. ๒๕๖๗", "2567"),
        ("english", "ພາສາລາວ", "ລາວ"),
        ("english", "ភាសាខ្មែរ", "ខ្មែរ"),
        ("english", "မြန်မာဘာသာ", "ဘာသာ"),
        ("english", "中文合約轉換體驗課問題", "中文合約"),
        ("english", "中文合約轉換體驗課問題", "約"),
        ("english", "人々の水", "人々"),
        ("english", "しりとりをしましょう", "しりとり"),
        ("english", "ﾃｽﾄ", "テスト"),
        ("english", "우리는 끝말잇기를 한다", "끝말잇기"),
        ("english", "물을 마신다", "물"),
        ("english", unicodedata.normalize("NFD", "한국어"), "한국어"),
        ("english", unicodedata.normalize("NFD", "phénomène"), "phénomène"),
        ("english", "co\u00adoperate", "cooperate"),
        ("english", "co\u00adoperate", "operate"),
        ("english", "java.\u200blang.\u200bString", "java.lang.String"),
        ("english", "the ﬁle ＡＰＩ", "file api"),
        ("english", "release 1.0.21 is out", "1.0.21?"),
        ("english", "release 1.0.21 is out", '"1.0.21".'),
        ("english", "v2.3.1-rc1", "2.3.1"),
        ("english", "v2.3.1-rc1", "v2.3.1"),
        ("english", "v2.3.1-rc1", "V2.3.1-RC1."),
        ("english", "set --max-agents now", "`--max-agents`?"),
        ("english", "set --max-agents now", "max-agents"),
        ("english", "maxAgents", "maxagents"),
        ("english", "the HTTPServer class", "httpserver"),
        ("english", "the HTTPServer class", "http servers"),
        ("english", "error E1234", "e1234"),
        ("english", "FW-2104", '"FW-2104"?'),
        ("english", "FW-2104", "2104"),
        ("english", "written in C++ and C#.", "C++?"),
        ("english", "written in C++17", "c++"),
        ("english", "written in C++ and C#.", "c#."),
        ("english", "on .NET 6", '".NET"'),
        ("english", "on .NET 6", "net"),
        ("english", "std::vector::push_back()", "std::vector::push_back"),
        ("english", "std::vector::push_back()", "push_back"),
        ("english", "etc/fenwick/buffer.toml", "fenwick/buffer.toml"),
        ("english", "write to jane.doe@example.com.", "jane.doe@example.com?"),
        ("english", "write to jane.doe@example.com.", "example.com"),
        ("english", "kafka_consumer.py", "kafka_consumer"),
        ("english", "__init_db__", "init_db"),
        ("english", "CAFÉ12", "cafe12"),
    ],
)
def test_no_word_of_a_question_is_missing_from_the_document_that_it_is_taken_from(
    language, document, question
):
    assert missing(document, question, language) == []


@pytest.mark.parametrize(
    ("document", "question"),
    [("C", "C++"), ("C++", "C#"), ("net", ".NET"), ("push back", "push_back"), ("v 2", "v2")],
)
def test_what_is_kept_whole_tells_it_from_its_parts(document, question):
    wholes = set(tokenize(question)) - set(tokenize(document))

    assert wholes


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("english", "José", "Jose"), ("none", "má", "mà"), ("english", "thé", "the")],
)
def test_a_word_as_it_is_spelled_shares_most_with_a_question(language, one, other):
    asked = set(tokenize(one, language))

    assert len(asked & set(tokenize(one, language))) > len(asked & set(tokenize(other, language)))


@pytest.mark.parametrize(
    ("document", "question"),
    [
        ("set --max-agents now", "maxAgents"),
        ("max_agents", "--max-agents"),
        ("the httpserver module", "HTTPServer"),
        ("E-1234", "E1234"),
    ],
)
def test_an_identifier_finds_another_spelling_of_it(document, question):
    assert set(tokenize(document)) & set(tokenize(question))


def test_a_character_of_a_longer_word_is_not_asked_for_alone():
    assert asked_tokens("中文", "english", lambda _: True) == ["中文"]


def test_a_form_that_the_corpus_lacks_is_not_missing():
    known = set(tokenize("préférer", "french"))

    assert asked_tokens("préférée", "french", known.__contains__) == ["prefer"]


def test_a_word_of_which_the_corpus_has_no_form_is_asked_for_once():
    assert asked_tokens("préférée", "french", lambda _: False) == ["prefer"]


@pytest.mark.parametrize(
    "text", ["\ud800", "a\udfffb", "🚀👩\u200d💻", "1\ufe0f\u20e3", "\u0301", "_", "\u00ad"]
)
def test_what_is_no_word_does_no_harm(text):
    assert all(token.isalnum() for token in tokenize(text))


@given(st.text(), st.sampled_from(("english", "french", "russian", "hindi", "persian", "none")))
def test_any_text_finds_itself(text, language):
    held = set(tokenize(text, language))

    assert held.issuperset(asked_tokens(text, language, held.__contains__))


def test_each_token_of_a_question_is_shown_as_it_is_spelled_first():
    found = spellings("Which Retries retry max_batch?")

    assert found["retri"] == "Retries"
    assert found["max_batch"] == found["max"] == found["batch"] == "max_batch"
    assert spelled(["max", "retri", "max_batch", "unknown"], found) == [
        "max_batch",
        "Retries",
        "unknown",
    ]
