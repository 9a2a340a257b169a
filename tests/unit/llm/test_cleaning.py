import pytest

from docsearch_cli.llm.cleaning import cleaned, one_line

KEY = "kx-51-abcdefghijklmnop"


@pytest.mark.parametrize(
    "said",
    [
        f"key {KEY} is wrong",
        f"key {KEY}{KEY} is wrong",
        f"a part {KEY[:12]}... is wrong",
        f"a part ...{KEY[-9:]} is wrong",
        f"Authorization: Bearer {KEY}",
        f"https://host/v1?key={KEY}&x=1",
        f'{{"x-api-key": "{KEY}"}}',
        "x" * 299 + KEY,
        "x" * 5_990 + KEY,
    ],
)
def test_a_key_is_hidden_wherever_it_stands(said):
    shown = cleaned(said, KEY)

    assert not any(KEY[start : start + 8] in shown for start in range(len(KEY) - 7))
    assert len(shown) <= 300


@pytest.mark.parametrize(
    "said",
    ["Authorization: Basic c2VjcmV0OnNlY3JldA==", "got Bearer abc.def.ghi", "sk-proj-123456789 no",
     "api_key=abcdef", "AIzaSyA1234567 is bad", "proxy-authorization: c2VjcmV0"],
)  # fmt: skip
def test_what_looks_like_another_key_is_hidden_too(said):
    shown = cleaned(said, "")

    assert "[hidden]" in shown
    for secret in ("c2VjcmV0", "abc.def", "123456789", "abcdef", "1234567"):
        assert secret not in shown


def test_a_short_key_is_hidden_whole():
    assert cleaned("the key ab12 is wrong", "ab12") == "the key [hidden] is wrong"


def test_what_is_no_key_stays():
    words = "The model does not exist: gpt-9. Use gpt-4o-mini (see docs)."

    assert cleaned(words, KEY) == words


def test_control_and_invisible_characters_are_left_out():
    assert one_line("a\x1b[31mb\u202ec\u200bd\ne\x00\U000e0041f", 50) == "a [31mb c d e f"


def test_a_line_is_cut_to_its_length():
    assert one_line("word " * 10, 12) == "word word w…"
    assert one_line("short", 5) == "short"


@pytest.mark.parametrize("between", ["\u200b", "\0", "\u2060"])
def test_a_key_with_unseen_characters_in_it_is_hidden(between):
    assert "SECRET" not in cleaned(between.join("sk-SECRETSECRET"), "sk-SECRETSECRET")
