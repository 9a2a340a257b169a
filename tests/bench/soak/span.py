"""How long a soak of runs goes on: so many minutes, or so many runs; and what each is drawn from.

A corpus's seed is that of the command and the corpus's number, so a line that names a fault with
``--seed`` and ``--runs`` shows it again.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Span:
    """What is left to do."""

    seed: int
    """Of the next corpus."""
    most: int
    """Runs."""
    until: float
    """Monotonic seconds."""
    done: int = 0
    """Runs that have begun."""

    def corpora(self) -> Iterator[int]:
        """Yield the seed of a corpus while there is time and a run is left."""
        while self.done < self.most and time.monotonic() < self.until:
            yield self.seed
            self.seed += 1

    def runs(self, most: int) -> Iterator[int]:
        """Yield the numbers of the runs over one corpus.

        Args:
            most: Runs over it at most.

        Yields:
            Numbers from 0, as long as there is time.
        """
        for number in range(min(most, self.most - self.done)):
            if time.monotonic() >= self.until:
                return
            self.done += 1
            yield number


def read_span(description: str) -> Span:
    """Return the span that the command line asks for.

    Args:
        description: What the soak does: its first line is shown by ``--help``.

    Returns:
        The span; a minute by default.
    """
    parser = argparse.ArgumentParser(description=description.split("\n", 1)[0])
    span = parser.add_mutually_exclusive_group()
    span.add_argument("--minutes", type=float, default=1.0)
    span.add_argument("--runs", type=int, help="so many runs, however long they take")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    until = math.inf if options.runs else time.monotonic() + 60 * options.minutes
    return Span(options.seed, options.runs or sys.maxsize, until)
