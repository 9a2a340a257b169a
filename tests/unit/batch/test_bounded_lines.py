"""Lines with a bound: each as it stands, or the beginning of one that is too long."""

import io

from docsearch_cli.batch.bounded_lines import bounded_lines


def read(data, most):
    return list(bounded_lines(io.BufferedReader(io.BytesIO(data)), most))


def test_a_line_that_is_too_long_costs_no_other_line():
    data = b"ab\n" + b"x" * 200_000 + b"\n\nabc\nabcd"

    assert read(data, 4) == [
        (b"ab\n", 3),
        (b"xxxx", 200_001),
        (b"\n", 1),
        (b"abc\n", 4),
        (b"abcd", 4),
    ]
