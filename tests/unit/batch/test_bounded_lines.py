"""Lines with a bound: each as it stands, or the beginning of one that is too long."""

import io

import pytest

from docsearch_cli.batch.bounded_lines import TooLargeError, bounded_lines


def lines_of(data, most=1_000_000):
    return bounded_lines(io.BufferedReader(io.BytesIO(data)), 4, most)


def test_a_line_that_is_too_long_costs_no_other_line():
    data = b"ab\n" + b"x" * 200_000 + b"\n\nabc\nabcd\nabcde"

    assert list(lines_of(data)) == [b"ab\n", b"xxxxx", b"\n", b"abc\n", b"abcd\n", b"abcde"]


@pytest.mark.parametrize("data", [b"ab\n" + b"x" * 200_000, b"ab\n" + b"x\n" * 100_000])
def test_what_is_beyond_the_bound_is_not_read(data):
    lines = lines_of(data, 1000)

    assert next(lines) == b"ab\n"
    with pytest.raises(TooLargeError):
        list(lines)
