"""When things of a run happened: milliseconds since it began, over all processes that recorded it.

A time is taken by the clock of the process that records, never inside a step, and nothing is
decided by it.
"""

from __future__ import annotations

import time

from docsearch_cli.runs.trace import Trace

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_now() -> str:
    """Return the time of day as a record holds it: UTC, to the second."""
    return time.strftime(_FORMAT, time.gmtime())


class RunClock:
    """Counts from when a run began.

    Args:
        before_ms: How long it was begun before this process came to it.
    """

    def __init__(self, before_ms: float = 0.0) -> None:
        self._before_ms = before_ms
        self._begun_s = time.monotonic()

    @classmethod
    def resumed(cls, trace: Trace, now: str) -> RunClock:
        """Return the clock of a process that continues a run.

        A clock of the day may have been set back meanwhile: nothing begins before what is
        recorded already has ended.

        Args:
            trace: What the record holds.
            now: The time of day, as ``utc_now`` gives it.

        Returns:
            The clock.
        """
        ends = [
            attempt.started_ms + attempt.elapsed_ms
            for row in trace.steps
            for attempt in row.attempts
            if attempt.started_ms is not None
        ]
        return cls(max([_ms_between(trace.facts["created_at"], now), *ends]))

    def ms_at(self, monotonic_s: float) -> float:
        """Return when something happened.

        Args:
            monotonic_s: By ``time.monotonic`` of this process.

        Returns:
            Milliseconds since the run began, at least 0, to the microsecond.
        """
        return round(max(0.0, self._before_ms + (monotonic_s - self._begun_s) * 1000), 3)


def _ms_between(began: str, now: str) -> float:
    """Return milliseconds between two times of day; 0 where one is none."""
    from calendar import timegm

    try:
        seconds = timegm(time.strptime(now, _FORMAT)) - timegm(time.strptime(began, _FORMAT))
    except ValueError:
        return 0.0
    return max(0.0, seconds * 1000.0)
