"""The weight of a term in BM25, from numbers of the whole corpus.

These numbers are quantised, so that an edit of one document seldom changes the score of every
other one: an agent's result stays valid until something changes that the agent was shown.

Source:
    Robertson & Zaragoza 2009 (BM25); idf as ``log(1 + ...)``, above zero: Kamphuis et al. 2020.
"""

from __future__ import annotations

import math

# The usual values of the literature; .6 to 1.5 for K1 changed recall by less than half a point.
K1 = 1.2
B = 0.75
# Numbers of the whole corpus are rounded to the next of these steps, a fifth apart.
_STEP = 2**0.25


def inverse_frequency(section_count: int, document_frequency: int) -> float:
    """Return the weight of a term, given the number of sections and of those that hold it."""
    holding = quantise(document_frequency)
    rest = max(quantise(section_count) - holding, 0.0)
    return math.log(1 + (rest + 0.5) / (holding + 0.5))


def quantise(value: float) -> float:
    """Return a number rounded by up to 9 %, so that small changes of a corpus seldom show."""
    return _STEP ** round(math.log(value, _STEP)) if value > 0 else value
