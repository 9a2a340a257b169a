"""What a call costs by its processor, asked so that a busy machine does not decide a test."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_s(call: Callable[[], object]) -> float:
    """Seconds of processor time that one call took in this process, without collecting garbage."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        call()
        return time.process_time() - began
    finally:
        gc.enable()


def grows_linearly(cost_s: Callable[[int], float], size: int, tries: int = 5) -> bool:
    """Whether input of `size` costs about four times as much as input of a quarter of it.

    Where time goes by the square it is sixteen times; nine times and .05 s are allowed. The least
    of up to `tries` measurements of each counts, as what else runs can only add to one.
    """
    small, large = float("inf"), float("inf")
    for _ in range(tries):
        small, large = min(small, cost_s(size // 4)), min(large, cost_s(size))
        if large < 9 * small + 0.05:
            return True
    return False
