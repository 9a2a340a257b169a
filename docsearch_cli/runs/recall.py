"""What a resumed run or a fork takes over from a record instead of running it again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.engine.step_record import Attempt, StepRecord
from docsearch_cli.errors import RunDriftError
from docsearch_cli.runs.canonical import blob_hash
from docsearch_cli.runs.step_row import ExchangeRow, StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import PlannedStep


@dataclass(slots=True)
class Earlier:
    """The record of a run, as another process made it."""

    store: RunStore
    trace: Trace
    use: Literal["resume", "fork"]
    is_same: bool = True
    """Whether the code and the index are those of the record: else a fork shares no input that was
    made by them, and no output."""
    _by_input: dict[tuple[str, str], StepRow] = field(default_factory=dict)
    _committed: set[int | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_input = {
            (row.function, row.input): row for row in self.trace.steps if row.output is not None
        }
        self._committed = {commit.number for commit in self.trace.commits}

    def fixed_step(self, kind: str, function: str) -> tuple[bytes, bytes] | None:
        """Return what a step that every search has was given, and what it gave, if it ended.

        Args:
            kind: What kind of step it is.
            function: What is called now. A fork records the step under this name, so it takes
                nothing over from another version, code or index; a resumed run keeps the step.

        Returns:
            Input and output; None if the step is to be run.
        """
        row = self.trace.last_fixed(kind)
        if row is None or row.output is None:
            return None
        if self.use == "fork" and (row.function != function or not self.is_same):
            return None
        return self.store.blob(row.input), self.store.blob(row.output)

    def payload(self, step: PlannedStep) -> bytes | None:
        """Return the recorded input of a step of the same run.

        Args:
            step: As it is planned now.

        Returns:
            The input; None if the step was not sent before, or for a fork.

        Raises:
            RunDriftError: If the record has another step under this number.
        """
        if self.use == "fork" or step.number > len(self.trace.steps):
            return None
        row = self.trace.step(step.number)
        if row.planned != step:
            raise RunDriftError(
                f"step {step.number} would open {step.subject}, and the record says {row.subject}",
                hint="this version of docsearch plans differently: ask the question again",
            )
        return self.store.blob(row.input)

    def is_committed(self, number: int) -> bool:
        """Tell whether the record of this same run has a step's commit."""
        return self.use == "resume" and number in self._committed

    def recall(self, record: StepRecord) -> bool:
        """Fill in how a step ended, and tell whether it did."""
        if self.use == "fork":
            return self._share(record)
        if record.step.number > len(self.trace.steps):
            return False
        row = self.trace.step(record.step.number)
        # However it ended: what was asked is paid for.
        record.exchanges = [self._exchange(item) for item in row.exchanges]
        if not row.has_ended or row.input != blob_hash(record.payload):
            return False
        record.attempts = [
            Attempt(
                attempt.number,
                attempt.status,
                attempt.elapsed_ms,
                attempt.worker,
                attempt.error,
                function=attempt.function,
            )
            for attempt in row.attempts
        ]
        record.output = self.store.blob(row.output) if row.output is not None else None
        record.origin, record.error = row.origin, row.error
        record.status = row.status
        return True

    def _share(self, record: StepRecord) -> bool:
        row = self._by_input.get((record.function, blob_hash(record.payload)))
        if row is None or row.output is None or row.degraded or not self.is_same:
            return False
        record.exchanges = [
            replace(self._exchange(item), origin="fork", number=0) for item in _asked(row)
        ]
        if not record.spent.fits(record.grant):
            record.exchanges = []
            return False  # it got more than a step may have here
        record.succeed(self.store.blob(row.output))
        record.origin = "fork"
        return True

    def _exchange(self, row: ExchangeRow) -> Exchange:
        return Exchange(
            attempt=row.attempt,
            request=self.store.blob(row.input),
            reserved=row.reserved,
            charged=row.charged,
            origin=row.origin,
            reply=self.store.blob(row.output) if row.output is not None else None,
            error=row.error,
            number=row.number,
        )


def _asked(row: StepRow) -> list[ExchangeRow]:
    """Return what a step asked in the process that ended it, each with what it came to."""
    paid = {(item.input, item.output): item for item in row.exchanges if item.is_before}
    found = []
    for item in row.exchanges:
        if item.is_before:
            continue
        # What was known from before the run was interrupted cost something there.
        known = paid.get((item.input, item.output), item) if item.origin == "resume" else item
        found.append(replace(item, reserved=known.reserved, charged=known.charged))
    return found
