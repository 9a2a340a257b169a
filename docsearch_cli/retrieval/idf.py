"""What BM25 weighs a term by, from numbers of the whole corpus.

They count only roughly, so that an edit of one document seldom moves the score of every other:
what an agent made of a page stays true until something that it looked at changes.
"""

from __future__ import annotations

import math

# The usual values of the literature; .6 to 1.5 for K1 changed recall by less than half a point.
K1 = 1.2
B = 0.75
# Numbers of the whole corpus are rounded to the next of these steps, a fifth apart.
_STEP = 2**0.25


def inverse_frequency(section_count: int, document_frequency: int) -> float:
    """Return the weight of a term that about so many of about so many sections hold."""
    holding = roughly(document_frequency)
    rest = max(roughly(section_count) - holding, 0.0)
    return math.log(1 + (rest + 0.5) / (holding + 0.5))


def roughly(value: float) -> float:
    """Return a number of the whole corpus, rounded so that small changes seldom show: by 9 %."""
    return _STEP ** round(math.log(value, _STEP)) if value > 0 else value
