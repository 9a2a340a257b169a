"""The waiting engine: steps that ask a network wait side by side in one event loop, on no core.

    coordinator --submit--> asks a model?  yes: a task of the loop, as many at once as the window
                                           no (a fallback): the engine for steps that compute
                <--poll---  what ended, of either

The loop runs while ``poll`` waits, in the thread of the coordinator: a request is written down by
the process that alone may write the record, and nothing has to cross threads.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from docsearch_cli.engine.model_gate import ModelGate, StepAsker
from docsearch_cli.engine.protocol import Engine, StepCall, StepError, StepOutcome, describe_error
from docsearch_cli.errors import ModelError
from docsearch_cli.llm.exchange import Asker, ModelBusyError
from docsearch_cli.steps import StepDeclinedError, TransientStepError

AskingFunction = Callable[[bytes, Asker], Awaitable[bytes]]
# While steps compute elsewhere, the loop waits no longer than this before they are looked at.
_SLICE_S = 0.02
# How long clients get to close their connections.
_CLOSE_S = 0.5


class WaitingEngine:
    """Runs steps that ask a model in one event loop, and all others on another engine.

    Args:
        functions: The steps that ask, by registered name.
        gate: How they reach a model.
        slots: How many may be in flight at once.
        others: Runs the other steps; it is started when there is one.
    """

    name = "waiting"

    def __init__(
        self,
        functions: Mapping[str, AskingFunction],
        gate: ModelGate,
        slots: int,
        others: Engine,
    ) -> None:
        self._functions = functions
        self._gate = gate
        self._slots = slots
        self._others = others
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[StepOutcome]] = set()
        self._computing: deque[StepCall] = deque()
        self._started_others = False
        self._sent = 0

    def start(self) -> None:
        """Do nothing: a connection is opened by the first request."""

    def free_slots(self) -> int:
        """Return how many calls can be submitted now."""
        return self._slots - len(self._tasks) - len(self._computing) - self._sent

    def submit(self, call: StepCall) -> None:
        """Start a call."""
        if call.function in self._functions:
            self._tasks.add(self._loop.create_task(self._run(call)))
            return
        if not self._started_others:
            self._started_others = True
            self._others.start()
        self._computing.append(call)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first.

        Args:
            timeout_s: How long to wait.

        Returns:
            The outcomes, the lowest step first.

        Raises:
            ModelError: If a provider refuses requests for good: no step would get further.
        """
        until = time.monotonic() + timeout_s
        while True:
            self._feed_others()
            left = max(0.0, until - time.monotonic())
            outcomes = self._poll_loop(min(left, _SLICE_S) if self._sent else left)
            outcomes += self._poll_others(
                0.0 if self._tasks else max(0.0, until - time.monotonic())
            )
            if outcomes or time.monotonic() >= until:
                return sorted(outcomes, key=lambda outcome: outcome.number)

    def close(self) -> None:
        """Cancel every step, close the connections and the other engine."""
        if not self._loop.is_closed():
            for task in self._tasks:
                task.cancel()
            with suppress(TimeoutError):
                self._loop.run_until_complete(asyncio.wait_for(self._end(), _CLOSE_S))
            self._loop.close()
        self._tasks.clear()
        self._others.close()

    async def _end(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._gate.close()

    def _feed_others(self) -> None:
        while self._computing and self._others.free_slots() > 0:
            self._others.submit(self._computing.popleft())
            self._sent += 1

    def _poll_others(self, timeout_s: float) -> list[StepOutcome]:
        if not self._sent:
            return []
        ended = self._others.poll(timeout_s)
        self._sent -= len(ended)
        return ended

    def _poll_loop(self, timeout_s: float) -> list[StepOutcome]:
        if not self._tasks:
            if not self._sent:
                time.sleep(timeout_s)
            return []
        ended, self._tasks = self._loop.run_until_complete(
            asyncio.wait(self._tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        )
        refusals = [error for task in ended if (error := task.exception()) is not None]
        if refusals:
            raise refusals[0]
        return [task.result() for task in ended]

    async def _run(self, call: StepCall) -> StepOutcome:
        """Run one attempt of a step that asks; of what goes wrong, only a refusal escapes."""
        asker = StepAsker(self._gate, call)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(call.timeout_s):
                output = await self._functions[call.function](call.payload, asker)
            outcome = StepOutcome(call.number, "ok", output)
        except ModelError:
            raise
        except TransientStepError as error:
            wait_s = error.retry_after_s if isinstance(error, ModelBusyError) else None
            outcome = StepOutcome(
                call.number, "transient", error=describe_error(error), wait_s=wait_s or 0.0
            )
        except StepDeclinedError as error:
            outcome = StepOutcome(call.number, "declined", error=describe_error(error))
        except TimeoutError:
            seconds = f"no reply within {call.timeout_s:g} s"
            outcome = StepOutcome(call.number, "timeout", error=StepError("StepTimeout", seconds))
        except Exception as error:
            outcome = StepOutcome(call.number, "error", error=describe_error(error))
        return replace(
            outcome,
            exchanges=tuple(asker.exchanges),
            elapsed_ms=(time.perf_counter() - started) * 1000,
            worker=os.getpid(),
        )
