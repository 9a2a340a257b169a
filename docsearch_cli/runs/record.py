"""Writing a run's record while it happens; the coordinator's process is the only writer.

A step's input is recorded before it runs. A commit, the steps planned from it and the proposals it
dropped are one transaction, so a process that is killed at any moment loses nothing committed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docsearch_cli.engine.coordinator import StepRecord
from docsearch_cli.errors import InputError
from docsearch_cli.runs.store import SCHEMA_VERSION, RunStore
from docsearch_cli.steps import Drop, step_id


class RunRecorder:
    """The record of one run.

    Args:
        store: An empty record.
        run_id: Its id.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self.store = store
        self.run_id = run_id

    @classmethod
    def create(cls, home: Path, facts: dict[str, Any]) -> RunRecorder:
        """Start a record under a new id.

        Args:
            home: The ``.docsearch`` folder.
            facts: What is known of the run before it starts.

        Returns:
            The recorder.

        Raises:
            InputError: If the folder cannot be written.
        """
        try:
            (home / "runs").mkdir(parents=True, exist_ok=True)
            folder, run_id = _new_folder(home / "runs")
        except OSError as error:
            raise InputError(
                f"the run cannot be recorded in {home}: {error.strerror}",
                hint="a deep search keeps a record; make the folder writable or use --simple",
            ) from error
        store = RunStore(folder / "run.db", create=True)
        with store.transaction():
            store.set_meta(schema=SCHEMA_VERSION, run_id=run_id, status="running", **facts)
            store.add_event("run_started", {"run_id": run_id, **facts})
        return cls(store, run_id)

    def run_step(
        self, kind: str, function: str, payload: bytes, call: Callable[[bytes], bytes]
    ) -> tuple[str, bytes]:
        """Record a step's input, run it in this process, record its output.

        Args:
            kind: What kind of step it is; one of each in a run.
            function: Registered name of what is called.
            payload: Its input.
            call: The function itself.

        Returns:
            The step's id and its output.
        """
        import time

        name = step_id(None, kind, hashlib.sha256(payload).hexdigest())
        with self.store.transaction():
            seq = self.store.add_event("step_planned", self._planned(name, kind, payload))
            self.store.connection.execute(
                "insert into steps values (?, null, ?, ?, '', 0, 0, null, null, '', ?, null, "
                "'running', 0, 0, '', ?)",
                (name, kind, function, self.store.put_blob(payload), seq),
            )
        started = time.perf_counter()
        output = call(payload)
        elapsed_ms = (time.perf_counter() - started) * 1000
        with self.store.transaction():
            self._end(name, output, "ok", elapsed_ms, cached=False, error="")
        return name, output

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record the end of a step and all that follows from it, as one transaction."""
        with self.store.transaction():
            if ended is not None:
                self._add_attempts(ended)
                self._end(
                    ended.id,
                    ended.output,
                    ended.status,
                    ended.elapsed_ms,
                    cached=ended.cached,
                    error=ended.error,
                )
            for drop in drops:
                self.store.add_event("proposal_dropped", asdict(drop))
                self.store.connection.execute(
                    "insert into drops values (?,?,?,?,?)",
                    (drop.parent, drop.item, drop.subject, drop.reason, drop.priority),
                )
            for record in sent:
                self._plan(record)

    def finish(self, status: str, **facts: Any) -> None:
        """Record how the run ended, and close the file."""
        with self.store.transaction():
            self.store.set_meta(status=status, **facts)
            self.store.add_event("run_finished", {"status": status, **facts})
        self.store.close()

    def _planned(self, name: str, kind: str, payload: bytes) -> dict[str, Any]:
        return {"id": name, "kind": kind, "input": self.store.put_blob(payload)}

    def _plan(self, record: StepRecord) -> None:
        step = record.step
        facts = self._planned(record.id, step.kind, record.payload)
        facts.update(asdict(step))
        seq = self.store.add_event("step_planned", facts)
        self.store.connection.execute(
            "insert into steps values (?,?,?,?,?,?,?,?,?,?,?,null,'running',0,0,'',?)",
            (
                record.id,
                step.number,
                step.kind,
                record.function,
                step.subject,
                step.depth,
                step.priority,
                step.parent,
                step.item,
                step.edge,
                facts["input"],
                seq,
            ),
        )

    def _add_attempts(self, record: StepRecord) -> None:
        self.store.connection.executemany(
            "insert into attempts values (?,?,?,?,?,?,?,?)",
            [
                (
                    record.id,
                    attempt.number,
                    attempt.status,
                    attempt.elapsed_ms,
                    attempt.worker,
                    attempt.error,
                    attempt.detail,
                    attempt.log,
                )
                for attempt in record.attempts
            ],
        )

    def _end(
        self,
        name: str,
        output: bytes | None,
        status: str,
        elapsed_ms: float,
        *,
        cached: bool,
        error: str,
    ) -> None:
        blob = self.store.put_blob(output) if output is not None else None
        self.store.add_event(
            "step_ended",
            {"id": name, "status": status, "output": blob, "cached": cached, "error": error},
        )
        self.store.connection.execute(
            "update steps set output=?, status=?, cached=?, elapsed_ms=?, error=? where id=?",
            (blob, status, cached, elapsed_ms, error, name),
        )


class UnrecordedRun:
    """Stands in for a recorder where thousands of searches are only measured."""

    run_id = ""

    def run_step(
        self, kind: str, function: str, payload: bytes, call: Callable[[bytes], bytes]
    ) -> tuple[str, bytes]:
        """Run a step and record nothing."""
        return step_id(None, kind, function), call(payload)

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record nothing."""

    def finish(self, status: str, **facts: Any) -> None:
        """Record nothing."""


def _new_folder(runs: Path) -> tuple[Path, str]:
    while True:
        run_id = secrets.token_hex(4)
        folder = runs / run_id
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder, run_id
