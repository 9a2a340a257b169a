import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.retrieval.numbers import grouped_numbers, without_marks
from docsearch_cli.retrieval.tokens import asked_tokens, spellings, tokenize

SPACES = ("\u00a0", "\u202f", "\u2009", "\u2007")
MARKS = (",", ".", "'", "_", "\u2019", *SPACES)


def joined(text, language="english"):
    return [number.whole for number in grouped_numbers(text, language)]


@given(st.integers(min_value=1_000_000, max_value=10**15), st.sampled_from(MARKS))
def test_a_number_is_found_with_and_without_its_marks_in_every_language(number, mark):
    grouped = f"{number:,}".replace(",", mark)
    for language in ("english", "german"):
        text = set(tokenize(f"holds {grouped} threads", language))
        plain = set(tokenize(f"holds {number} threads", language))

        assert str(number) in text
        assert set(asked_tokens(str(number), language, text.__contains__)) <= text
        assert set(asked_tokens(grouped, language, plain.__contains__)) <= plain


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("12,500 turns", "english", "12500"),
        ("12.500 Umdrehungen", "german", "12500"),
        ("12\u202f500 tours", "french", "12500"),
        ("12\u202f500 turns", "english", "12500"),
        ("12'500", "german", "12500"),
        ("$1,048.5", "english", "1048.5"),
        ("1.048.576,25 Euro", "german", "1048576.25"),
        ("1,048,576 bytes", "none", "1048576"),
        ("(1,000)", "english", "1000"),
        ("1,000.", "english", "1000"),
        ("1,000, and more", "english", "1000"),
        ("1,000km", "english", "1000"),
        ("١٬٠٤٨٬٥٧٦", "arabic", "١٠٤٨٥٧٦"),
    ],
)
def test_a_number_with_marks(text, language, number):
    assert joined(text, language) == [number]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("1.048 mm", "english"),  # decimals
        ("1,048 mm", "german"),
        ("0,125", "english"),
        ("0.125.250", "english"),
        ("192.168.100.200", "english"),  # addresses, versions, dates
        ("v1.200.300", "english"),
        ("2026.100.200", "english"),
        ("3.14,159", "english"),
        ("1,048,57", "english"),
        ("1,0485", "english"),
        ("1,048,5761", "english"),
        ("pin_100_200", "english"),
        ("1_000", "english"),
        ("a,100,200", "english"),
        ("100 200 300", "english"),  # as in a table; a question may mean a number
    ],
)
def test_what_is_no_number_with_marks(text, language):
    assert joined(text, language) == []


def test_a_question_keeps_what_the_corpus_does_not_know():
    assert without_marks("ports 80,443 open", "english", lambda _: False) == "ports 80,443 open"
    assert without_marks("1 048 576 rows", "english", {"1048576"}.__contains__) == "1048576 rows"
    assert without_marks("1,048.5 mm", "english", {"1048"}.__contains__) == "1048.5 mm"


def test_a_version_and_an_address_are_found_as_before():
    for word in ("1.0.21", "192.168.100.200", "2026.4.10", "1.200.300"):
        text = tokenize(f"since {word} it works")

        assert word in text
        assert set(asked_tokens(word, "english", text.__contains__)) <= set(text)


def test_a_missing_number_is_shown_as_it_was_asked():
    assert spellings("holds 1,048,576 threads")["1048576"] == "1,048,576"


@pytest.mark.parametrize(
    "piece", ["1,000", ",000", "111,111,", "1.000.", "1_000_", " 000", "1'000'"]
)
def test_numbers_are_found_in_linear_time(piece):
    list(grouped_numbers(piece * 300_000, "german", is_asked=True))
