import pytest

from docsearch_cli.whole_numbers import brief, is_in_range, read_number


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("-5", -5), (" 7 ", 7), ("9" * 18, 10**18 - 1)]
)
def test_a_number_is_read(text, number):
    assert read_number(text) == number
    assert is_in_range(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1_0",
        "\u0663",
        "\u00b2",
        "5.0",
        "1e3",
        "0x10",
        "0o777",
        "0b1",
        "9" * 19,
        "9" * 5000,
    ],
)
def test_what_is_no_number_of_decimal_digits_is_refused(text):
    assert read_number(text) is None


def test_a_long_value_is_shown_briefly():
    assert brief(1 << 20_000) == "a number of 20,001 bits"
    assert not is_in_range(1 << 20_000)
    assert brief("9" * 5000) == "'" + "9" * 79 + "..."
    assert (brief("abc"), brief(12), brief(True)) == ("'abc'", "12", "True")
