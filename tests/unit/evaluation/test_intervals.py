"""Bootstrap intervals."""

import random

from docsearch_cli.evaluation.intervals import bootstrap


def test_equal_values_leave_no_doubt():
    assert bootstrap([0.5] * 10) == (0.5, 0.5, 0.5)


def test_the_interval_holds_the_mean_and_narrows_with_more_values():
    draw = random.Random(1)
    few = [float(draw.random() < 0.3) for _ in range(40)]
    few_ends, many_ends = bootstrap(few), bootstrap(few * 25)

    assert few_ends.low < few_ends.mean < few_ends.high
    assert many_ends.mean == few_ends.mean
    assert many_ends.high - many_ends.low < (few_ends.high - few_ends.low) / 3


def test_it_is_the_same_each_time_and_near_the_normal_one():
    values = [float(number % 2) for number in range(100)]

    assert bootstrap(values) == bootstrap(values)
    assert abs(bootstrap(values).low - (0.5 - 1.96 * 0.05)) < 0.02
