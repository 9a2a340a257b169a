"""How far a mean over some questions may be from that over all: 95 % bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# So often questions are drawn again; the seed is fixed, so the same values give the same interval.
_DRAWS = 1_000
_SEED = 0
_OUTSIDE_PERCENT = 2.5


class Interval(NamedTuple):
    """A mean, and between what it would lie for other questions of the same kind."""

    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float], digits: int = 4) -> Interval:
    """Return the mean of some questions' values with its 95 % interval.

    Args:
        values: One a question, at least one.
        digits: Decimals to round to.

    Returns:
        The mean and the percentiles of the means of as many values, drawn with replacement.
    """
    known = np.asarray(values, np.float64)
    rng = np.random.default_rng(_SEED)
    means = np.sort([rng.choice(known, len(known)).mean() for _ in range(_DRAWS)])
    low = int(_DRAWS * _OUTSIDE_PERCENT / 100)
    ends = known.mean(), means[low], means[_DRAWS - 1 - low]
    return Interval(*(round(float(value), digits) for value in ends))
