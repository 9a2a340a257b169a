import pytest

from docsearch_cli.retrieval.claims import unsupported_claims

QUOTES = [
    "Snapshots are kept for 30 days. The limit is 1,048,576 bytes, raised by `--max-bytes` in "
    "fenwick.toml (version 1.0.20); see FW-3017. Marie Curie set `retryCount` to 2.5 in May 2024.",
    "Retention > keep_days",
    "docs/keep.md",
]


@pytest.mark.parametrize(
    "sentence",
    [
        "They are kept for 30 days.",
        "They are kept for thirty days.",
        "Snapshots stay 30-day long, up to 1048576 bytes.",
        "The limit of 1,048,576 bytes is raised by --max-bytes.",
        "It stands in fenwick.toml, since 1.0.20.",
        "FW-3017 says so, as does docs/keep.md under keep_days.",
        "It was Marie Curie who set retryCount to 2.5.",
        "Yes, e.g. in May 2024; this is so.",
        "There is a limit, and it can be raised.",
        "See FW-3017 or Marie Curie.",
        "Use the flag to raise it.",
        "",
    ],
)
def test_what_the_quotes_hold_is_supported(sentence):
    assert unsupported_claims(sentence, QUOTES, "english") == ()


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("They are kept for 31 days.", ("31",)),
        ("They are kept for forty days.", ("forty",)),
        ("They are kept for 3 days, or 0.", ("3", "0")),
        ("Since 1.0.21 it is 1,048,577 bytes.", ("1.0.21", "1,048,577")),
        ("Set --max-byte for it.", ("--max-byte",)),
        ("Write it to fenwick.tom or fenwick.toml.bak.", ("fenwick.tom", "fenwick.toml.bak")),
        ("FW-3018 says so.", ("FW-3018",)),
        ("Pierre Curie set it.", ("Pierre",)),
        ("Berlin is the limit.", ("Berlin",)),
        ("It was set by Berlin.", ("Berlin",)),
        ("See http://evil.example/?q=x for more.", ("http://evil.example/?q=x",)),
        ("Ask ops@evil.example.", ("ops@evil.example",)),
        ("Call keepAll() or keep::all.", ("keepAll", "keep::all")),
        ("Run keep_hours.", ("keep_hours",)),
    ],
)
def test_what_no_quote_holds_is_named(sentence, claims):
    found = unsupported_claims(sentence, QUOTES, "english")

    assert set(found) == set(claims)


def test_without_quotes_nothing_is_supported():
    assert unsupported_claims("It takes 5 days.", [], "english") == ("5",)


def test_where_every_noun_has_a_capital_it_tells_no_name():
    assert unsupported_claims("Der Speicher hat ein Limit.", ["x"], "german") == ()
    assert unsupported_claims("Der Speicher hat 5 Limits.", ["x"], "german") == ("5",)


def test_other_digits_and_marks_are_the_same_number():
    assert unsupported_claims("It is ３０ days.", QUOTES, "english") == ()
    assert unsupported_claims("Es sind 2,5 Tage.", ["2.5 Tage"], "german") == ()


def test_a_long_sentence_takes_no_long_time():
    text = "A" * 50_000 + " 1." * 5_000 + "-" * 50_000

    assert unsupported_claims(text, [text], "english") == ()
