"""Asking a model again for one recorded step: what it would decide today, beside what it did."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from docsearch_cli.engine.exchanges import Exchange, total_of
from docsearch_cli.engine.model_gate import ModelGate, StepAsker
from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.errors import UsageError
from docsearch_cli.explore.step_functions import StepDefinition
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.limits import model_at_dispatch
from docsearch_cli.runs.step_row import find_step
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.unrecorded import UnrecordedRun
from docsearch_cli.search.models import refuse_strange, source_of
from docsearch_cli.search.result import AskOptions
from docsearch_cli.steps import Amount


@dataclass(slots=True)
class LiveStep:
    """One recorded step whose model is asked again, within the grant that it had."""

    call: StepCall
    gate: ModelGate
    exchanges: list[Exchange] = field(default_factory=list)
    """What was asked now."""

    @classmethod
    def of(cls, store: RunStore, wanted: str, options: AskOptions) -> LiveStep:
        """Return a step of a run, to be asked again.

        Args:
            store: The run's record.
            wanted: The step's number, id, or the start of its id.
            options: With where the model is.

        Returns:
            The step; nothing is recorded or cached.

        Raises:
            UsageError: If the step asks no model.
            StepNotFoundError: If there is no such step.
            ModelError: If there is no key to the model.
        """
        with making_sense():
            trace = read_trace(store)
            row = find_step(trace.all_steps(), wanted)
            if row.kind == "write":
                raise UsageError(
                    "a written answer is asked for again by a fork",
                    hint=f"docsearch fork {trace.run_id} --at 0 --set model=PROVIDER:NAME",
                )
            if row.number is None or not row.grant.requests:
                raise UsageError(f"step {row.id} asks no model", hint="leave --live out")
            terms = model_at_dispatch(trace, row.number)
            timeout_s = float(trace.limits["step_timeout_s"])
        refuse_strange(terms, options, trace.run_id)
        source = source_of(options)
        source.make_client(terms.name)  # without a key nothing is begun
        gate = ModelGate(source.make_client, {terms.name: terms.counted}, UnrecordedRun())
        return cls(StepCall(row.number, row.function, b"", timeout_s, grant=row.grant), gate)

    @property
    def spent(self) -> Amount:
        """What asking came to."""
        return total_of(self.exchanges)

    def run(self, definition: StepDefinition, value: Any) -> Any:
        """Run the step's function on its input and return what it gives now."""
        return asyncio.run(self._ask(definition, value))

    async def _ask(self, definition: StepDefinition, value: Any) -> Any:
        assert definition.ask is not None  # a step without a grant is refused
        asker = StepAsker(self.gate, self.call)
        try:
            async with asyncio.timeout(self.call.timeout_s):
                return await definition.ask(value, asker)
        finally:
            self.exchanges = asker.exchanges
            await self.gate.close()
