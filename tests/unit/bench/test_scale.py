"""The exponent that the scale bench fits."""

from __future__ import annotations

import pytest

from tests.bench.bench_scale import exponent


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 1.3])
def test_exponent_is_the_power_that_the_figures_follow(power: float) -> None:
    sizes = [10_000, 30_000, 100_000, 300_000]

    assert exponent(sizes, [3.0 * size**power for size in sizes]) == pytest.approx(power)
