"""Units of work on an engine: as many at once as it has slots, each sent again where that helps.

A unit is larger than a step: a whole question, a range of files. There is no plan: units do not
depend on each other, and come back in any order.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from docsearch_cli.engine.protocol import Engine, StepCall, StepOutcome

# Longest wait before the signal to stop is looked at again.
_POLL_S = 0.1
# A unit whose process died is sent once more, in case that was not its doing; one whose worker was
# lost, which is hardly ever its doing, twice.
_MOST_SENT = {"crash": 2, "transient": 3}


def run_units(
    engine: Engine,
    calls: Iterable[StepCall],
    *,
    again: Callable[[StepCall, StepOutcome], StepCall | None] = lambda call, _outcome: call,
    stops: Callable[[], bool] = lambda: False,
    drain_s: float = 1.0,
) -> Iterator[StepOutcome]:
    """Run calls, the first ones first.

    Args:
        engine: What runs them; it must have been started.
        calls: The calls, numbered; each is made when there is a slot for it.
        again: Returns the call that is sent after one whose process or worker was lost; None if it
            must not be sent again.
        stops: Asked between events; once it says so, nothing more is sent.
        drain_s: How long what runs then gets to end.

    Yields:
        How each ended, as they end; nothing of those that were not sent or did not end in time.
    """
    waiting, left, is_all_sent = deque[StepCall](), iter(calls), False
    running: dict[int, StepCall] = {}
    times: dict[int, int] = {}
    until: float | None = None
    while True:
        if until is None and stops():
            until = time.monotonic() + drain_s
        while until is None and engine.free_slots() > 0:
            call = waiting.popleft() if waiting else next(left, None)
            if call is None:
                is_all_sent = True
                break
            times[call.number] = times.get(call.number, 0) + 1
            running[call.number] = replace(call, attempt=times[call.number])
            engine.submit(running[call.number])
        is_late = until is not None and time.monotonic() >= until
        is_left = until is None and (waiting or not is_all_sent)
        if is_late or not (running or is_left):
            return
        for outcome in engine.poll(_POLL_S):
            sent = running.pop(outcome.number)
            following = None
            if times[outcome.number] < _MOST_SENT.get(outcome.status, 1):
                following = again(sent, outcome)
            if following is None:
                del times[outcome.number]
                yield outcome
            else:
                waiting.append(following)
