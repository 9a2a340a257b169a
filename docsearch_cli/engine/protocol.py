"""What an engine is: a few slots that run registered functions on bytes.

A call names a function and its version; payload and result are bytes. Nothing else crosses to a
worker: no closure, no pickled object, no exception. The outcome of a failed step is a value too.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, get_args

from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.steps import NOTHING, Amount, TransientStepError

OutcomeStatus = Literal["ok", "error", "transient", "crash", "timeout", "declined"]
StepFunction = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class StepCall:
    """One attempt at a step, as an engine is asked for it."""

    number: int
    function: str
    """Registered name and version: ``explore.local@1``."""
    payload: bytes
    timeout_s: float
    attempt: int = 1
    """Which of the step's attempts in this process it is."""
    grant: Amount = NOTHING
    """The most that the step may ask of a model, over all its attempts."""
    exchanges: tuple[Exchange, ...] = ()
    """What the step has asked before, in an earlier attempt or before the run was interrupted."""


@dataclass(frozen=True, slots=True)
class StepError:
    """What went wrong in a step, as plain data."""

    kind: str
    """The exception's class, or ``WorkerDied`` or ``StepTimeout``."""
    message: str
    detail: str = ""
    """Traceback, or the stacks where a step hung."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How one attempt at a step ended."""

    number: int
    status: OutcomeStatus
    output: bytes = b""
    error: StepError | None = None
    log: bytes = b""
    """What the step wrote to stdout and stderr."""
    elapsed_ms: float = 0.0
    worker: int = 0
    """Process id."""
    exchanges: tuple[Exchange, ...] = ()
    """What it asked of a model."""
    wait_s: float = 0.0
    """How long a provider asked to wait before the next attempt."""


class Engine(Protocol):
    """Runs steps; knows nothing of plans, budgets or what a step does."""

    name: str

    def start(self) -> None:
        """Prepare the slots; may return before they are ready."""

    def free_slots(self) -> int:
        """Return how many calls can be submitted now."""

    def submit(self, call: StepCall) -> None:
        """Start a call in a free slot."""

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first."""

    def close(self) -> None:
        """End every worker and all that it started; safe to call twice."""


class UnknownFunctionError(Exception):
    """A call names a function that is not registered in this version."""


def run_call(functions: Mapping[str, StepFunction], call: StepCall) -> StepOutcome:
    """Run a registered function here and return how it ended; nothing it raises escapes.

    A signal is not the step's doing, so ``KeyboardInterrupt`` passes.
    """
    started = time.perf_counter()
    output, error = b"", None
    status: OutcomeStatus = "ok"
    try:
        output = _call_function(functions, call)
    except TransientStepError as raised:
        error, status = describe_error(raised), "transient"
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # SystemExit too: the step raised it, not this process
        error, status = describe_error(raised), "error"
    return StepOutcome(
        number=call.number,
        status=status,
        output=output,
        error=error,
        elapsed_ms=(time.perf_counter() - started) * 1000,
        worker=os.getpid(),
    )


def encode_mark(serial: int) -> bytes:
    """Return the bytes by which a worker marks the serial of the call that it begins."""
    return serial.to_bytes(8, "big")


def outcome_header(outcome: StepOutcome) -> dict[str, Any]:
    """Return what crosses a pipe before an outcome's output."""
    return {
        "number": outcome.number,
        "status": outcome.status,
        "elapsed_ms": outcome.elapsed_ms,
        "error": asdict(outcome.error) if outcome.error is not None else None,
    }


def read_outcome(head: bytes, output: bytes, log: bytes, worker: int) -> StepOutcome:
    """Return the outcome that crossed a pipe.

    Args:
        head: The JSON of ``outcome_header``.
        output: What the step returned.
        log: What it wrote.
        worker: Process id.

    Returns:
        The outcome.

    Raises:
        ValueError: If the head is not what a worker sends.
    """
    try:
        facts = json.loads(head)
        if facts["status"] not in get_args(OutcomeStatus):
            raise ValueError(f"{facts['status']!r} is no status")
        return StepOutcome(
            number=int(facts["number"]),
            status=facts["status"],
            output=output,
            error=StepError(**facts["error"]) if facts["error"] is not None else None,
            log=log,
            elapsed_ms=float(facts["elapsed_ms"]),
            worker=worker,
        )
    except (KeyError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(f"it lacks {error}") from error


def _call_function(functions: Mapping[str, StepFunction], call: StepCall) -> bytes:
    if call.function not in functions:
        raise UnknownFunctionError(call.function)
    output = functions[call.function](call.payload)
    if not isinstance(output, bytes):
        raise TypeError(f"{call.function} returned {type(output).__name__}, not bytes")
    return output


def describe_error(error: BaseException) -> StepError:
    """Return an exception as plain data."""
    import traceback

    lines = traceback.format_exception(error)
    try:
        message = str(error)
    except Exception as odd:
        message = f"(its message raised {type(odd).__name__})"
    return StepError(
        type(error).__name__, _printable(message[:2_000]), _printable("".join(lines)[-20_000:])
    )


def _printable(text: str) -> str:
    """Return the text with lone surrogates spelled out: they cannot be encoded."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
