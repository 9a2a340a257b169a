"""Writing a run's record while it happens; one process at a time is the writer.

A step's input is recorded before it runs. A commit, the steps planned from it and the proposals it
dropped are one event, and an event with its blobs is one transaction: a process that is killed at
any moment loses nothing committed.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.engine.step_record import Attempt, StepRecord
from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError, RunBusyError, RunNotFoundError
from docsearch_cli.index.home import RUNS_FOLDER
from docsearch_cli.runs.catalog import DATABASE, run_folder, run_lock
from docsearch_cli.runs.clock import RunClock
from docsearch_cli.runs.events import (
    AskedFacts,
    AttemptFacts,
    CommitFacts,
    EndingFacts,
    Fingerprints,
    FixedEnded,
    FixedPlanned,
    RepliedFacts,
    RunFacts,
    RunStarted,
    RunStatus,
    StepEnded,
    StepSent,
    amount_to_dict,
    drop_to_dict,
)
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import NOTHING, Drop, step_id


class RunRecorder:
    """The record of one run, open for writing.

    Args:
        store: The record.
        run_id: Its id.
        lock: Held until the record is closed.
        clock: Says when things happen in the run.
        trace: What it holds already, if the run is resumed.
    """

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        lock: ExitStack,
        clock: RunClock,
        trace: Trace | None = None,
    ) -> None:
        self.store = store
        self.run_id = run_id
        self._lock = lock
        self._clock = clock
        steps = trace.steps if trace is not None else ()
        self._sent = {row.id for row in steps}
        self._ended = {row.id for row in steps if row.has_ended}
        commits = trace.commits if trace is not None else ()
        self._committed = {commit.number for commit in commits}
        self._requests = trace.requests if trace is not None else 0

    @classmethod
    def create(cls, home: Path, facts: RunFacts, run_id: str = "") -> RunRecorder:
        """Start a record under a new id.

        Args:
            home: The ``.docsearch`` folder.
            facts: What is known of the run before it starts.
            run_id: The id that it is to have, if nobody has that; empty for any.

        Returns:
            The recorder.

        Raises:
            InputError: If the folder cannot be written.
        """
        try:
            (home / RUNS_FOLDER).mkdir(parents=True, exist_ok=True)
            folder, run_id, lock = _locked_folder(home / RUNS_FOLDER, run_id)
        except OSError as error:
            what = f"the run cannot be recorded in {home}"
            raise refusal(error, what) or InputError(
                f"{what}: {error.strerror}",
                hint="a deep search keeps a record; make the folder writable or use --simple",
            ) from error
        with ExitStack() as stack:
            stack.push(lock)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)  # if it cannot be begun
            store = RunStore(folder / DATABASE, "create", asks_model="model" in facts)
            with store.transaction():
                started: RunStarted = {"run_id": run_id, **facts}
                store.append("run_started", started)
            stack.pop_all()
            return cls(store, run_id, lock, RunClock())

    @classmethod
    def resume(cls, home: Path, trace: Trace, facts: Fingerprints) -> RunRecorder:
        """Continue a record.

        Args:
            home: The ``.docsearch`` folder.
            trace: What the record holds.
            facts: What is known of this resume.

        Returns:
            The recorder, which writes only what is not there yet.

        Raises:
            RunBusyError: If another process writes it.
            RunCorruptError: If it cannot be opened.
        """
        folder = run_folder(home, trace.run_id)
        with ExitStack() as stack:
            stack.enter_context(run_lock(folder))
            store = RunStore(folder / DATABASE, "append")
            stack.callback(store.close)
            if store.event_count != trace.events:
                raise RunBusyError(
                    f"run {trace.run_id} was continued by another process meanwhile",
                    hint=f"look at it again: docsearch replay {trace.run_id}",
                )
            with store.transaction():
                store.append("run_resumed", facts)
            clock = RunClock.resumed(trace, facts["created_at"])
            return cls(store, trace.run_id, stack.pop_all(), clock, trace)

    def run_step(
        self,
        kind: str,
        function: str,
        payload: bytes,
        call: Callable[[bytes], bytes],
        *,
        known: bytes | None = None,
    ) -> tuple[str, bytes]:
        """Record a step's input, run it in this process, record its output.

        Args:
            kind: What kind of step it is; one of each in a run.
            function: Registered name of what is called.
            payload: Its input.
            call: The function itself.
            known: Its output, from the run that this one was forked from.

        Returns:
            The step's id and its output.
        """
        name, output = self.try_step(kind, function, payload, call, known=known)
        assert output is not None  # such a step raises, or gives something
        return name, output

    def try_step(
        self,
        kind: str,
        function: str,
        payload: bytes,
        call: Callable[[bytes], bytes | None],
        *,
        known: bytes | None = None,
    ) -> tuple[str, bytes | None]:
        """Record a step's input, run it in this process, record what came of it.

        Args:
            kind: What kind of step it is.
            function: Registered name of what is called.
            payload: Its input.
            call: The function itself; it gives None if it failed.
            known: Its output, from the run that this one was forked from.

        Returns:
            The step's id and its output.
        """
        name = step_id(None, kind, hashlib.sha256(payload).hexdigest())
        with self.store.transaction():
            planned: FixedPlanned = {
                "id": name,
                "kind": kind,
                "function": function,
                "input": self.store.put_blob(payload),
            }
            self.store.append("fixed_planned", planned)
        started_s = time.monotonic()
        output = call(payload) if known is None else known
        elapsed_ms = (time.monotonic() - started_s) * 1000
        with self.store.transaction():
            ended: FixedEnded = {
                "id": name,
                "status": "ok" if output is not None else "failed",
                "output": self.store.put_blob(output) if output is not None else None,
                "origin": "ran" if known is None else "fork",
                "elapsed_ms": elapsed_ms,
            }
            if self.store.has_start_times:
                ended["started_ms"] = self._clock.ms_at(started_s)
            self.store.append("fixed_ended", ended)
        return name, output

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record the end of a step and all that follows from it, as one event.

        In a resumed run, what the record holds already is not written again.
        """
        number = ended.step.number if ended is not None else None
        new_sent = [record for record in sent if record.id not in self._sent]
        if number in self._committed:
            ended, drops = None, []
        if ended is None and not drops and not new_sent:
            return
        is_kept = ended is not None and ended.id in self._ended
        with self.store.transaction():
            if ended is not None and ended.origin == "fork":
                for exchange in ended.exchanges:
                    asked = self._ask(ended.step.number, exchange)
                    self._reply(replace(exchange, number=asked))
            commit: CommitFacts = {
                "number": number if ended is not None else None,
                "ended": self._end(ended) if ended is not None and not is_kept else None,
                "drops": [drop_to_dict(drop) for drop in drops],
                "sent": [self._sent_step(record) for record in new_sent],
            }
            self.store.append("commit", commit)

    def asked(self, step: int, exchange: Exchange) -> int:
        """Record a request of a step to a model, before it is sent.

        Args:
            step: The step's dispatch number.
            exchange: The request.

        Returns:
            The request's number among all of the run.
        """
        with self.store.transaction():
            return self._ask(step, exchange)

    def replied(self, step: int, exchange: Exchange) -> None:  # noqa: ARG002  a journal's
        """Record what came of a request."""
        with self.store.transaction():
            self._reply(exchange)

    def keep(self, ended: Sequence[StepRecord]) -> None:
        """Record steps that ended in a run that was stopped before it could commit them."""
        new = [record for record in ended if record.id not in self._ended]
        if new:
            with self.store.transaction():
                self.store.append("kept", {"ended": [self._end(record) for record in new]})

    def finish(self, status: RunStatus, **facts: Unpack[EndingFacts]) -> None:
        """Record how the run ended, and close the file."""
        with self.store.transaction():
            self.store.append("run_finished", {"status": status, **facts})
        self.close()

    def close(self) -> None:
        """Close the file and give up the right to write it; safe to call twice."""
        self.store.close()
        self._lock.close()

    def _ask(self, step: int, exchange: Exchange) -> int:
        self._requests += 1
        asked: AskedFacts = {
            "number": self._requests,
            "step": step,
            "attempt": exchange.attempt,
            "input": self.store.put_blob(exchange.request),
            "origin": exchange.origin,
            "reserved": amount_to_dict(exchange.reserved),
        }
        self.store.append("asked", asked)
        return self._requests

    def _reply(self, exchange: Exchange) -> None:
        reply = exchange.reply
        replied: RepliedFacts = {
            "number": exchange.number,
            "output": self.store.put_blob(reply) if reply is not None else None,
            "error": exchange.error,
            "charged": amount_to_dict(exchange.charged),
        }
        self.store.append("replied", replied)

    def _sent_step(self, record: StepRecord) -> StepSent:
        step = record.step
        sent: StepSent = {
            "id": record.id,
            "function": record.function,
            "input": self.store.put_blob(record.payload),
            "number": step.number,
            "kind": step.kind,
            "subject": step.subject,
            "depth": step.depth,
            "priority": step.priority,
            "parent": step.parent,
            "item": step.item,
            "edge": step.edge,
        }
        if record.grant != NOTHING:
            sent["grant"] = amount_to_dict(record.grant)
        return sent

    def _end(self, record: StepRecord) -> StepEnded:
        return {
            "id": record.id,
            "status": record.status,
            "output": self.store.put_blob(record.output) if record.output is not None else None,
            "origin": record.origin,
            "elapsed_ms": record.elapsed_ms,
            "error": record.error,
            "attempts": [self._attempt(attempt) for attempt in record.attempts],
        }

    def _attempt(self, attempt: Attempt) -> AttemptFacts:
        facts: AttemptFacts = {
            "number": attempt.number,
            "status": attempt.status,
            "function": attempt.function,
            "elapsed_ms": attempt.elapsed_ms,
            "worker": attempt.worker,
            "error": attempt.error,
            "detail": self._text_blob(attempt.detail.encode()),
            "log": self._text_blob(attempt.log),
        }
        if attempt.started_s is not None and self.store.has_start_times:
            facts["started_ms"] = self._clock.ms_at(attempt.started_s)
        return facts

    def _text_blob(self, data: bytes) -> str:
        return self.store.put_blob(data) if data else ""


def new_run_id() -> str:
    """Return an id that is hardly taken."""
    return secrets.token_hex(4)


def _locked_folder(runs: Path, wanted: str) -> tuple[Path, str, ExitStack]:
    """Make the folder of a new run, and take the right to write it."""
    while True:
        run_id, wanted = wanted or new_run_id(), ""
        folder = runs / run_id
        lock = ExitStack()
        try:
            folder.mkdir(mode=0o700)
            lock.enter_context(run_lock(folder))
        except (FileExistsError, RunNotFoundError, RunBusyError):
            continue  # it is another's, or was removed before it could be locked
        return folder, run_id, lock
