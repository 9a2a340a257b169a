"""Having a language model write the answer of a search: one step at its end, attempts included."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.exchanges import Exchange, reply_key
from docsearch_cli.engine.protocol import Engine, StepCall, StepOutcome
from docsearch_cli.engine.retry import choose_retry
from docsearch_cli.errors import ModelError
from docsearch_cli.explore.step_functions import WRITE
from docsearch_cli.steps import Amount, HaltReason

# Longest wait before it is asked again whether to stop.
_POLL_S = 0.1
# Seconds that one attempt may take.
_TIMEOUT_S = 60.0


def run_answer_step(
    engine: Engine,
    call: StepCall,
    attempts: int,
    stop_reason: Callable[[], HaltReason | None],
) -> StepOutcome | None:
    """Run the step that writes the answer, again where that makes sense.

    Args:
        engine: Where to; it is not closed.
        call: Its first attempt.
        attempts: Most attempts.
        stop_reason: Asked between whiles whether to give up, and why.

    Returns:
        How the last attempt ended; None if it was given up.

    Raises:
        ModelError: If the provider refuses requests for good.
    """
    exchanges: tuple[Exchange, ...] = ()
    statuses: list[str] = []
    while True:
        engine.submit(replace(call, attempt=len(statuses) + 1, exchanges=exchanges))
        found: list[StepOutcome] = []
        while not found:
            found = engine.poll(_POLL_S)
            if stop_reason() is not None:
                return None
        (outcome,) = found
        statuses.append(outcome.status)
        exchanges += outcome.exchanges
        retry = choose_retry(
            outcome.status,
            made=len(statuses),
            alike=statuses.count(outcome.status),
            most=attempts,
            asked_wait_s=outcome.wait_s,
        )
        if retry is None:
            return outcome
        until = time.monotonic() + retry.wait_s
        while time.monotonic() < until:
            if stop_reason() is not None:
                return None
            time.sleep(min(_POLL_S, max(0.0, until - time.monotonic())))


@dataclass(slots=True)
class AnswerWriter:
    """Writes the answer of one search, within what its steps have left."""

    engine: Callable[[], Engine]
    """Makes the engine, which is closed here."""
    cache: ByteCache | None
    cache_tag: str
    attempts: int
    stop_reason: Callable[[], HaltReason | None]
    problem: str = ""
    """Why nothing was written, in words."""

    def write(self, payload: bytes, grant: Amount) -> bytes | None:
        """Have the answer written.

        Args:
            payload: What it is written from.
            grant: The most that may be asked for it.

        Returns:
            The answer as the step's output; None if there is none, and ``problem`` says why.
        """
        call = StepCall(0, WRITE, payload, _TIMEOUT_S, grant=grant)
        try:
            with closing(self.engine()) as engine:
                outcome = run_answer_step(engine, call, self.attempts, self.stop_reason)
        except ModelError as error:
            self.problem = error.message
            return None
        if outcome is None:
            self.problem = "it was interrupted"
            return None
        if outcome.status != "ok":
            self.problem = outcome.error.message if outcome.error is not None else outcome.status
            return None
        for item in outcome.exchanges:
            if self.cache is not None and item.reply is not None and item.origin != "cache":
                self.cache.set(reply_key(item.request), item.reply, self.cache_tag)
        return outcome.output
