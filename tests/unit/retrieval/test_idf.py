import math

import pytest

from docsearch_cli.retrieval.idf import inverse_frequency, quantise
from docsearch_cli.retrieval.keyword import K1, B


@pytest.mark.parametrize(("holding", "rest"), [(1, 15), (2, 14), (4, 12), (16, 0)])
def test_a_terms_weight_is_by_how_many_sections_hold_it_and_how_many_do_not(holding, rest):
    found = inverse_frequency(16, holding)

    assert found == pytest.approx(math.log(1 + (rest + 0.5) / (holding + 0.5)))


def test_more_sections_with_a_term_than_there_are_leave_none_without():
    assert inverse_frequency(4, 8) == pytest.approx(math.log(1 + 0.5 / 8.5))


def test_numbers_are_quantised_to_steps_a_fifth_apart():
    steps = sorted({round(quantise(value / 10), 6) for value in range(10, 41)})

    assert steps == pytest.approx([2 ** (quarter / 4) for quarter in range(9)], abs=1e-6)
    assert quantise(0.5) == pytest.approx(0.5)


def test_the_parameters_are_the_usual_ones():
    assert (K1, B) == (1.2, 0.75)
