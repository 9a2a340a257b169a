import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docsearch_cli.retrieval.languages import STOP_WORDS
from docsearch_cli.retrieval.surfaces import surfaces_of
from docsearch_cli.retrieval.tokens import title_tokens, tokenize, unique_tokens


def test_words_are_stemmed_and_case_folded():
    assert tokenize("Retries RETRY retrying") == ["retri", "retri", "retri"]


def test_stop_words_are_dropped():
    assert tokenize("what is the and of to") == []


def test_punctuation_holds_no_tokens():
    assert tokenize("??? ... -- [/] !!") == []


def test_a_question_mark_does_not_stick_to_its_word():
    assert tokenize("python?") == tokenize("python")


@pytest.mark.parametrize("version", ["1.0.21", "2026.4.10", "v3.2.0"])
def test_a_version_is_kept_whole(version):
    assert version in tokenize(f"since {version} it works")


def test_a_quoted_version_is_the_same_token():
    assert "1.0.21" in tokenize('"1.0.21"')


@pytest.mark.parametrize("identifier", ["max_batch_events", "FW-2104", "buffer.disk_limit"])
def test_an_identifier_is_kept_whole(identifier):
    assert identifier.casefold() in tokenize(f"set {identifier}.")


@pytest.mark.parametrize(
    ("identifier", "part"),
    [
        ("max_batch_events", "batch"),
        ("FW-2104", "2104"),
        ("buffer.disk_limit", "disk"),
        ("maxBatchEvents", "batch"),
        ("HTTPServer", "server"),
        ("--max-agents", "agent"),
    ],
)
def test_an_identifier_is_found_by_its_parts(identifier, part):
    assert part in tokenize(identifier)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("中文合約轉換體驗課問題", "中文合約"),
        ("しりとりをしましょう", "しりとり"),
        ("우리는 끝말잇기를 한다", "끝말잇기"),
    ],
)
def test_text_without_spaces_shares_tokens_with_a_part_of_it(text, question):
    assert tokenize(question)
    assert set(tokenize(question)) & set(tokenize(text))


def test_a_single_cjk_character_is_a_token():
    assert tokenize("水") == ["水"]


def test_latin_words_next_to_cjk_are_found():
    assert "docker" in tokenize("使用Docker部署")


def test_both_spellings_of_an_accent_are_one_token():
    decomposed = unicodedata.normalize("NFD", "phénomène")

    assert tokenize(decomposed) == tokenize("phénomène")


def test_full_width_letters_are_the_same_token():
    assert tokenize("ＡＰＩ") == tokenize("API")


def test_unique_tokens_keep_the_order_of_a_question():
    assert unique_tokens("buffer limit buffer retry") == tokenize("buffer limit retry")


def test_the_same_text_gives_the_same_tokens_later():
    text = "HTTPServer max_batch 1.0.21 数据"

    assert tokenize(text) == tokenize(text)


@given(st.text())
def test_any_text_gives_tokens_without_white_space(text):
    tokens = tokenize(text)

    assert all(token and not any(char.isspace() for char in token) for token in tokens)


@given(st.lists(st.sampled_from(sorted(word for word in STOP_WORDS if len(word) > 1))))
def test_stop_words_in_small_letters_are_no_tokens(words):
    assert tokenize(" ".join(words)) == []


@given(st.text())
@example("aS")
def test_a_stop_word_is_a_token_only_where_it_is_spelled_as_a_name(text):
    in_small_letters = tokenize(re.sub(r"[-/&]", " ", text.lower()))

    assert not STOP_WORDS.intersection(in_small_letters) - set("dmst")


def test_a_title_of_stop_words_alone_keeps_them():
    assert title_tokens("The Who") == ["the", "who"]
    assert title_tokens("The Kinks") == tokenize("Kinks")


@pytest.mark.parametrize("text", ["", "a.b-c.", "--a..b-_", "x_1.2-3 .d- e.", "a.-b", "a-.b.c"])
@pytest.mark.parametrize("more", ["", " é"])
def test_surfaces_are_runs_that_dots_and_hyphens_hold_together(text, more):
    expected = re.findall(r"\w+(?:[.\-]\w+)*", text + more)
    assert surfaces_of(text + more)[0] == expected


def test_what_another_thread_may_have_met_is_no_name_of_this_text():
    import threading

    from docsearch_cli.retrieval import tokens

    memory = tokens._memory("english")
    name = next(iter(memory._names))
    thread = threading.Thread(target=lambda: memory[name])  # as in the middle of its text
    thread.start()
    thread.join()

    assert memory.likely.surfaces == []
